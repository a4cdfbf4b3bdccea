-- Rows are folded only where the rules fold: logins of an account, lessons of a teacher, and enrollments at the grain section.
select
    crosswalk.entity,
    'the row is folded, and nothing allows that' as what,
    crosswalk.legacy_id,
    crosswalk.live_id,
    jsonb_build_object('grain', 'journal') as expected,
    jsonb_build_object('method', crosswalk.method) as found,
    null::text as label,
    false as is_excused
from ledger.crosswalk
left join ledger.batches on crosswalk.batch_id = batches.batch_id
where crosswalk.entity = {entity} and crosswalk.method = 'folded'
    and (
        crosswalk.entity not in ('users', 'course_instructors', 'course_enrollments')
        or (
            crosswalk.entity = 'course_enrollments' and coalesce(batches.decisions ->> 'enrollment_grain', 'journal') <> 'section'
        )
    )
