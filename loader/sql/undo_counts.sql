-- Gives offerings the counts that they had; where enrollments have come or gone since, the counts that are right now.
with counted as (
    select changes.live_id, count(enrollments.id)::integer as enrolled
    from ledger.changes as changes
    left join public.course_enrollments as enrollments
        on changes.live_id = enrollments.course_offering_id and enrollments.enrollment_status = 'enrolled'
    where changes.batch_id = %(batch)s and changes.kind = 'counted'
    group by changes.live_id
)

update public.course_offerings as live
set
    current_enrollment = case
        when live.current_enrollment = (changes.after ->> 'current_enrollment')::integer
            then (changes.before ->> 'current_enrollment')::integer
        else counted.enrolled
    end,
    max_enrollment = case
        when live.max_enrollment = (changes.after ->> 'max_enrollment')::integer
            and live.current_enrollment = (changes.after ->> 'current_enrollment')::integer
            then (changes.before ->> 'max_enrollment')::integer
        else greatest(live.max_enrollment, counted.enrolled)
    end
from ledger.changes as changes
inner join counted on changes.live_id = counted.live_id
where changes.batch_id = %(batch)s and changes.kind = 'counted' and live.id = changes.live_id
