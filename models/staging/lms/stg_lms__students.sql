-- Grain: one row per live students row
select
    id as student_id,
    user_id,
    student_number,
    enrollment_date,
    status,
    study_mode,
    funding_type,
    nullif(metadata ->> 'old_student_id', '') as old_student_id
from {{ source('lms', 'students') }}
