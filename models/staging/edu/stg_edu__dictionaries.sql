-- Grain: one row per edu dictionaries row
select
    id as legacy_dictionary_id,
    {{ clean_text('name_az') }} as name_az,
    {{ clean_text('name_en') }} as name_en,
    {{ clean_text('name_ru') }} as name_ru,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'dictionaries') }}
