-- Grain: one row per live course_instructors row
select
    id as course_instructor_id,
    course_offering_id,
    instructor_id,
    role
from {{ source('lms', 'course_instructors') }}
