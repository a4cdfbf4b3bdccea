-- Grain: one row per published users row, as its login stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    -- what makes the login that of this row: the account that it names, itself or by the users row that it names
    coalesce(live.metadata ->> 'old_account_id', named.account_id::text) as account_id,
    case when walk.is_made then live.username end as username,
    case when walk.is_made then live.email end as email,
    case when walk.is_made then live.email_verified end as email_verified,
    case when walk.is_made then live.password_hash end as password_hash,
    case when walk.is_made then live.is_active end as is_active,
    case when walk.is_made then live.is_locked end as is_locked,
    case when walk.is_made then live.last_login_at end as last_login_at,
    case when walk.is_made then live.password_changed_at end as password_changed_at,
    case when walk.is_made then live.deleted_at end as deleted_at,
    case when walk.is_made then live.metadata end as metadata
from walk
inner join public.users as live on walk.live_id = live.id
left join raw_users as named on live.metadata ->> 'old_user_id' = named.id::text
where walk.entity = 'users'
