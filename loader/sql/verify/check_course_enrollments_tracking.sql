-- A tracking id names the row that the crosswalk names, once.
select
    'course_enrollments' as entity,
    case when places.n > 1 then 'the tracking id stands at several rows' else 'the tracking id is not that of the crosswalk' end as what,
    live.old_journal_id as legacy_id,
    live.id as live_id,
    null::jsonb as expected,
    jsonb_build_object('old_journal_id', live.old_journal_id::text) as found,
    null::text as label,
    false as is_excused
from public.course_enrollments as live
inner join (
    select old_journal_id, count(*) as n from public.course_enrollments where old_journal_id is not null group by old_journal_id
) as places on live.old_journal_id = places.old_journal_id
left join ledger.crosswalk
    on crosswalk.entity = 'course_enrollments' and crosswalk.legacy_id = live.old_journal_id and crosswalk.live_id = live.id
where places.n > 1 or crosswalk.legacy_id is null
