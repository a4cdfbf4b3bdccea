-- Grain: one row per live assessments row
select
    id as assessment_id,
    course_offering_id,
    nullif(rubric ->> 'old_exam_id', '') as old_exam_id
from {{ source('lms', 'assessments') }}
