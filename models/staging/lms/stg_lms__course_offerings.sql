-- Grain: one row per live course_offerings row
select
    id as course_offering_id,
    course_id,
    academic_term_id,
    section_code,
    language_of_instruction,
    max_enrollment,
    current_enrollment,
    enrollment_status,
    old_course_id,
    created_at
from {{ source('lms', 'course_offerings') }}
