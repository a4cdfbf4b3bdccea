-- Grain: one row per edu exam row
select
    id as legacy_exam_id,
    course_id as legacy_section_id,
    start_date as raw_start_date,
    start_time as raw_start_time,
    {{ parse_date('start_date') }} as start_date,
    case when btrim(start_time) ~ '^([01]?[0-9]|2[0-3]):[0-5][0-9]$' then btrim(start_time)::time end as start_time,
    duration as duration_minutes,
    passing_grade,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'exam') }}
