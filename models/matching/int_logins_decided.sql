-- Grain: one row per login that the migration has published or needs
with account_logins as (
    select
        bearers.login_entity,
        bearers.login_legacy_id,
        bearers.legacy_account_id,
        live_logins.user_id,
        live_logins.match_method
    from {{ ref('int_account_bearers_decided') }} as bearers
    left join {{ ref('int_account_logins_matched') }} as live_logins on bearers.legacy_account_id = live_logins.legacy_account_id
),

ledger as (
    select entity, legacy_id, live_id, method
    from {{ ref('int_crosswalk_checked') }}
    where is_deleted is not true
),

users as (
    select
        legacy_user_id,
        legacy_account_id,
        {{ version_place('legacy_user_id') }} as version_place
    from {{ ref('stg_edu__users') }}
),

accounts as (
    select distinct legacy_account_id from {{ ref('stg_edu__accounts') }}
),

live_users as (
    select * from {{ ref('stg_lms__users') }}
),

own_logins as (
    select
        holder_logins.login_entity,
        holder_logins.login_legacy_id,
        holder_logins.legacy_account_id
    from {{ ref('int_holder_logins_decided') }} as holder_logins
    left join ledger
        on holder_logins.login_entity = ledger.entity and holder_logins.login_legacy_id = ledger.legacy_id
    where holder_logins.needs_own_login and ledger.legacy_id is null
),

final as (
    select
        login_entity,
        login_legacy_id,
        legacy_account_id,
        user_id as live_id,
        match_method,
        false as is_own_login
    from account_logins
    union all
    select
        own_logins.login_entity,
        own_logins.login_legacy_id,
        own_logins.legacy_account_id,
        live_users.user_id,
        case when live_users.user_id is not null then 'old_user_id' end,
        true
    from own_logins
    left join live_users
        on own_logins.login_entity = 'users' and live_users.old_user_id = own_logins.login_legacy_id::text
    union all
    -- own logins of earlier batches: of the account of their users row, else of the one that they name
    select
        ledger.entity,
        ledger.legacy_id,
        coalesce(users.legacy_account_id, accounts.legacy_account_id),
        ledger.live_id,
        'ledger',
        true
    from ledger
    left join users on ledger.entity = 'users' and ledger.legacy_id = users.legacy_user_id and users.version_place = 1
    left join live_users on ledger.entity <> 'users' and ledger.live_id = live_users.user_id
    left join accounts on live_users.old_account_id = accounts.legacy_account_id::text
    where ledger.entity in ('student_logins', 'staff_logins') or (ledger.entity = 'users' and ledger.method = 'own_login')
)

select * from final
