-- A term begins before it ends, stands there once, and at most one is the current one.
select
    'academic_terms' as entity,
    case
        when not start_date < end_date then 'the term ends before it begins'
        when is_current and currents > 1 then 'several terms are the current one'
        else 'the term stands there several times'
    end as what,
    null::bigint as legacy_id,
    id as live_id,
    null::jsonb as expected,
    jsonb_build_object('academic_year', academic_year, 'term_type', term_type, 'start_date', start_date, 'end_date', end_date)
        as found,
    null::text as label,
    false as is_excused
from (
    select
        *,
        count(*) over (partition by academic_year, term_type) as times,
        count(*) filter (where is_current) over () as currents
    from public.academic_terms
) as live
where not start_date < end_date or times > 1 or (is_current and currents > 1)
