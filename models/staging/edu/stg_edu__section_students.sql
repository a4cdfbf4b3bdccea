-- Grain: one row per edu course_student row
select
    id as legacy_section_student_id,
    course_id as legacy_section_id,
    student_id as legacy_student_id,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'course_student') }}
