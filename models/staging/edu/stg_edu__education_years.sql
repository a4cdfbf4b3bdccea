-- Grain: one row per edu edu_years row
select
    id as legacy_education_year_id,
    {{ clean_text('name') }} as education_year,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'edu_years') }}
