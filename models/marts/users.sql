-- Grain: one row per login
with logins as (
    select * from {{ ref('int_logins_decided') }}
),

named as (
    select * from {{ ref('int_logins_named') }}
),

ledger as (
    select entity, legacy_id, method from {{ ref('int_crosswalk_checked') }}
),

live_users as (
    select * from {{ ref('stg_lms__users') }}
),

accounts as (
    select legacy_account_id, bool_or(is_active) as is_active from {{ ref('stg_edu__accounts') }} group by legacy_account_id
),

edu_users as (
    select legacy_user_id, bool_or(is_blocked) as is_blocked from {{ ref('stg_edu__users') }} group by legacy_user_id
),

final as (
    select
        coalesce(logins.live_id, named.user_id) as id,
        coalesce(named.username, live_users.username) as username,
        coalesce(named.email, live_users.email) as email,
        false as email_verified,
        -- no password matches this hash: the passwords of edu are clear text and are never copied
        '!' as password_hash,
        coalesce(accounts.is_active, true) as is_active,
        coalesce(edu_users.is_blocked, false) as is_locked,
        coalesce(
            live_users.metadata,
            jsonb_strip_nulls(jsonb_build_object(
                'old_user_id', case when logins.login_entity = 'users' then logins.login_legacy_id::text end,
                'old_account_id', logins.legacy_account_id::text,
                'password_reset_required', true
            ))
        ) as metadata,
        logins.login_entity,
        logins.login_legacy_id,
        case
            when logins.live_id is null or ledger.method in ('inserted', 'own_login') then 'inserted' else 'matched'
        end as outcome,
        coalesce(
            ledger.method,
            case
                when logins.live_id is not null then logins.match_method
                when logins.is_own_login then 'own_login'
                else 'inserted'
            end
        ) as match_method
    from logins
    left join named
        on logins.login_entity = named.login_entity and logins.login_legacy_id = named.login_legacy_id
    left join ledger on logins.login_entity = ledger.entity and logins.login_legacy_id = ledger.legacy_id
    left join live_users on logins.live_id = live_users.user_id
    left join accounts on logins.legacy_account_id = accounts.legacy_account_id
    left join edu_users on logins.login_entity = 'users' and logins.login_legacy_id = edu_users.legacy_user_id
)

select * from final
