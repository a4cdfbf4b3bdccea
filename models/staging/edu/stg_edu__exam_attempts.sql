-- Grain: one row per edu exam_student row
select
    id as legacy_exam_attempt_id,
    exam_id as legacy_exam_id,
    student_id as legacy_student_id,
    finish_status,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'exam_student') }}
