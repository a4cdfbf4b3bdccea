-- Grain: one row per edu course row
select
    id as legacy_section_id,
    education_plan_subject_id as legacy_plan_subject_id,
    semester_id as legacy_semester_id,
    education_year_id as legacy_education_year_id,
    education_lang_id as legacy_language_id,
    code as raw_section_code,
    {{ clean_text('code') }} as section_code,
    {{ clean_text("split_part(code, '_', 1)") }} as code_education_year,
    upper({{ clean_text("split_part(code, '_', 2)") }}) as code_semester,
    student_count,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'course') }}
