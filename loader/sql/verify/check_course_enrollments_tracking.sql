-- A tracking id names the row that the crosswalk names, and therefore stands once: the crosswalk has one row for it.
select
    'course_enrollments' as entity,
    case
        when (select count(*) from public.course_enrollments as twin where twin.old_journal_id = live.old_journal_id) > 1
            then 'the tracking id stands at several rows'
        else 'the tracking id is not that of the crosswalk'
    end as what,
    live.old_journal_id as legacy_id,
    live.id as live_id,
    null::jsonb as expected,
    jsonb_build_object('old_journal_id', live.old_journal_id::text) as found,
    null::text as label,
    false as is_excused
from public.course_enrollments as live
where live.old_journal_id is not null
    and not exists (
        select 1
        from ledger.crosswalk
        where crosswalk.entity = 'course_enrollments'
            and crosswalk.legacy_id = live.old_journal_id
            and crosswalk.live_id = live.id
    )
