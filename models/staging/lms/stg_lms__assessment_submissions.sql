-- Grain: one row per live assessment_submissions row
select
    id as assessment_submission_id,
    assessment_id,
    student_id,
    attempt_number
from {{ source('lms', 'assessment_submissions') }}
