-- Grain: one row per edu journal row
select
    id as legacy_journal_id,
    course_id as legacy_section_id,
    student_id as legacy_student_id,
    course_eva_id as legacy_component_id,
    point as raw_mark,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'journal') }}
