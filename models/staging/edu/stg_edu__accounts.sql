-- Grain: one row per edu accounts row
select
    id as legacy_account_id,
    person_id as legacy_person_id,
    username as raw_username,
    email as raw_email,
    {{ indexable_text('username') }} as username,
    {{ indexable_text('email') }} as email,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'accounts') }}
