-- Grain: one row per edu users row
select
    id as legacy_user_id,
    account_id as legacy_account_id,
    {{ clean_text('user_type') }} as user_type,
    is_blocked = 1 as is_blocked,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'users') }}
