-- Grain: one row per edu education_plan_subject row
select
    id as legacy_plan_subject_id,
    subject_id as legacy_subject_id,
    {{ clean_text('code') }} as plan_subject_code,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'education_plan_subject') }}
