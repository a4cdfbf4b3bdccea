-- Grain: one row per edu persons row
select
    id as legacy_person_id,
    {{ clean_text('firstname') }} as first_name,
    {{ clean_text('lastname') }} as last_name,
    {{ clean_text('patronymic') }} as middle_name,
    gender_id as legacy_gender_id,
    {{ clean_text('pincode') }} as national_id,
    birthdate as raw_birth_date,
    {{ parse_date('birthdate') }} as date_of_birth,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'persons') }}
