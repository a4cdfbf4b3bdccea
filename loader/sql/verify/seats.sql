-- Grain: one row per live offering: how many students it counts, counted in lms itself.
select
    course_offering_id,
    count(*) filter (where enrollment_status = 'enrolled')::integer as enrolled,
    count(distinct student_id) filter (where enrollment_status in ('enrolled', 'withdrawn', 'dropped'))::integer as ever_enrolled,
    count(distinct student_id)::integer as students
from public.course_enrollments
group by course_offering_id
