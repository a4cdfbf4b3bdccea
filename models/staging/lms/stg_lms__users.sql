-- Grain: one row per live users row
select
    id as user_id,
    username,
    email,
    is_active,
    metadata,
    nullif(metadata ->> 'old_user_id', '') as old_user_id,
    nullif(metadata ->> 'old_account_id', '') as old_account_id
from {{ source('lms', 'users') }}
