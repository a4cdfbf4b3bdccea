-- Grain: one row per edu users row
with users as (
    select
        *,
        {{ version_place('legacy_user_id') }} as version_place
    from {{ ref('stg_edu__users') }}
),

accounts as (
    select distinct legacy_account_id from {{ ref('stg_edu__accounts') }}
),

bearers as (
    select * from {{ ref('int_account_bearers_decided') }}
),

logins as (
    select
        *,
        coalesce(live_id, {{ legacy_uuid_of_login() | indent(8) }}) as user_id
    from {{ ref('int_logins_decided') }}
),

ledger as (
    select legacy_id, live_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'users'
),

joined as (
    select
        users.legacy_user_id as legacy_id,
        users.legacy_account_id,
        users.version_place,
        ledger.live_id as ledger_live_id,
        ledger.method as ledger_method,
        coalesce(ledger.is_deleted, false) as is_deleted,
        own.user_id as borne_user_id,
        own.live_id as borne_live_id,
        own.match_method as borne_method,
        own.is_own_login,
        shared.user_id as shared_user_id,
        accounts.legacy_account_id is null as is_without_account,
        users.is_active or own.user_id is not null as is_in_scope
    from users
    left join accounts on users.legacy_account_id = accounts.legacy_account_id
    left join ledger on users.legacy_user_id = ledger.legacy_id
    left join logins as own on own.login_entity = 'users' and users.legacy_user_id = own.login_legacy_id
    left join bearers on users.legacy_account_id = bearers.legacy_account_id
    left join logins as shared
        on bearers.login_entity = shared.login_entity and bearers.login_legacy_id = shared.login_legacy_id
),

final as (
    select
        legacy_id,
        case
            when version_place > 1 then 'rejected'
            when not is_in_scope or is_deleted then 'out_of_scope'
            when is_without_account then 'rejected'
            when ledger_method in ('inserted', 'own_login') then 'inserted'
            when ledger_method = 'folded' then 'folded'
            when ledger_method is not null then 'matched'
            when borne_user_id is null then 'folded'
            when borne_live_id is not null then 'matched'
            else 'inserted'
        end as outcome,
        case
            when version_place > 1 then 'duplicate_legacy_id'
            when not is_in_scope then 'inactive'
            when is_deleted then 'deleted_in_lms'
            when is_without_account then 'missing_person'
        end as reason,
        case
            when version_place = 1 and is_in_scope and not is_deleted and is_without_account
                then 'account ' || coalesce(legacy_account_id::text, 'NULL') || ' does not exist in edu'
        end as detail,
        case
            when version_place > 1 or not is_in_scope or is_deleted or is_without_account then null
            else coalesce(ledger_live_id, borne_user_id, shared_user_id)
        end as live_id,
        case
            when ledger_method is not null then ledger_method
            when borne_user_id is null then 'folded'
            when borne_live_id is not null then borne_method
            when is_own_login then 'own_login'
            else 'inserted'
        end as match_method
    from joined
)

select * from final
