-- Grain: one row per live course_enrollments row
select
    id as course_enrollment_id,
    course_offering_id,
    student_id,
    enrollment_date,
    enrollment_status,
    grade,
    is_retake,
    old_journal_id,
    created_at
from {{ source('lms', 'course_enrollments') }}
