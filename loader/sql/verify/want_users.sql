-- Grain: one row per users row in scope (rules, sections 9 and 11). A user name may carry a number and an address may be a
-- placeholder: what stands there is taken over when it has its defining property, else the plain value is wanted.
with accounts as (
    -- what no index can hold is no name and no address
    select
        raw_accounts.id,
        raw_accounts.active,
        case when octet_length(btrim(username, e' \t\r\n\u00a0')) <= defaults.unique_text_bytes then username end as username,
        case when octet_length(btrim(email, e' \t\r\n\u00a0')) <= defaults.unique_text_bytes then email end as email
    from raw_accounts
    cross join defaults
),

claims as (
    select
        users.id as legacy_id,
        users.account_id,
        coalesce(accounts.active = 1, false) as is_active,
        users.is_blocked,
        walk.method,
        walk.is_made,
        walk.batch_place,
        walk.live_id,
        -- lms takes no user name of less than three characters
        case
            when length(btrim(accounts.username, e' \t\r\n\u00a0')) >= 3 then btrim(accounts.username, e' \t\r\n\u00a0')
            else 'user' || users.account_id
        end as username,
        case
            when btrim(accounts.email, e' \t\r\n\u00a0') ~* '^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$'
                then btrim(accounts.email, e' \t\r\n\u00a0')
        end as email
    from raw_users as users
    left join accounts on users.account_id = accounts.id
    left join walk on walk.entity = 'users' and users.id = walk.legacy_id
    where users.active = 1 or users.id in (select legacy_id from login_bearers)
),

-- who holds which name and address
names as (
    select username, array_agg(id) as holders from public.users group by username
),

addresses as (
    select lower(btrim(email)) as email, array_agg(id) as holders from public.users group by lower(btrim(email))
),

-- addresses that more than one new login wants: the lowest legacy id of the earliest batch gets it
contests as (
    select
        lower(email) as email,
        (array_agg(live_id order by batch_place, legacy_id))[1] as winner
    from claims
    where is_made and method <> 'own_login' and email is not null
    group by lower(email)
)

select
    claims.legacy_id,
    claims.account_id::text as account_id,
    case
        when not claims.is_made then null
        when live.username = claims.username then claims.username
        when live.username ~ '-[1-9][0-9]*$'
            and regexp_replace(live.username, '-[1-9][0-9]*$', '') = claims.username
            and names.holders is not null
            then live.username
        else claims.username
    end as username,
    case
        when not claims.is_made then null
        when placeholders.is_due
            and (live.email = placeholders.address or (placeholders.is_numbered and plain_addresses.email is not null))
            then live.email
        when claims.email is not null then lower(claims.email)
        else placeholders.address
    end as email,
    case when claims.is_made then false end as email_verified,
    case when claims.is_made then '!' end as password_hash,
    case when claims.is_made then claims.is_active end as is_active,
    case when claims.is_made then coalesce(claims.is_blocked = 1, false) end as is_locked,
    null::timestamptz as last_login_at,
    null::timestamptz as password_changed_at,
    null::timestamptz as deleted_at,
    case
        when claims.is_made then jsonb_build_object(
                'old_user_id', claims.legacy_id::text,
                'old_account_id', claims.account_id::text,
                'password_reset_required', true
            )
    end as metadata
from claims
cross join defaults
left join public.users as live on claims.live_id = live.id
left join names on claims.username = names.username
left join addresses on lower(claims.email) = addresses.email
left join contests on lower(claims.email) = contests.email
-- a placeholder needs a reason: no valid address, or somebody else has it; and a number in it needs one, too: somebody else has
-- the plain one
left join lateral (
    select
        plain.name || '@' || defaults.placeholder_email_domain as address,
        right(live.email, length(defaults.placeholder_email_domain) + 1) = '@' || defaults.placeholder_email_domain
        and regexp_replace(left(live.email, -length(defaults.placeholder_email_domain) - 1), '-[1-9][0-9]*$', '') = plain.name
            as is_numbered,
        claims.email is null
        or claims.method = 'own_login'
        or contests.winner <> claims.live_id
        or (
            addresses.holders is not null
            and not claims.live_id = any(addresses.holders)
            and not contests.winner = any(addresses.holders)
        )
            as is_due
    -- a user name that cannot stand in an address gives way to the id
    from (select case when live.username ~ '^[A-Za-z0-9._%+-]+$' then live.username else 'user' || claims.legacy_id end as name)
            as plain
) as placeholders on true
left join addresses as plain_addresses on lower(placeholders.address) = plain_addresses.email
