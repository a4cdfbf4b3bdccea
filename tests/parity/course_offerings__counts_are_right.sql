-- Promise: current_enrollment of every published offering is its number of enrolled rows.
-- If it fails: people would see wrong numbers, and the application might over-book a section.
-- Who acts: operator: run again; developer.
-- depends_on: {{ ref('lms_publish') }}

select offerings.id, offerings.current_enrollment, count(enrollments.id) as enrolled
from {{ source('lms', 'course_offerings') }} as offerings
left join {{ source('lms', 'course_enrollments') }} as enrollments
    on offerings.id = enrollments.course_offering_id and enrollments.enrollment_status = 'enrolled'
where offerings.old_course_id is not null
group by offerings.id, offerings.current_enrollment
having offerings.current_enrollment is distinct from count(enrollments.id)
