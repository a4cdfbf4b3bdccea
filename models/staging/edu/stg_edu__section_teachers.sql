-- Grain: one row per edu course_teacher row
select
    id as legacy_section_teacher_id,
    course_id as legacy_section_id,
    teacher_id as legacy_teacher_id,
    lesson_type_id as legacy_lesson_type_id,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'course_teacher') }}
