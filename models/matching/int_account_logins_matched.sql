-- Grain: one row per account whose login is live
with user_versions as (
    select
        legacy_user_id,
        legacy_account_id,
        {{ version_place('legacy_user_id') }} as version_place
    from {{ ref('stg_edu__users') }}
),

users as (
    select legacy_user_id, legacy_account_id
    from user_versions
    where version_place = 1 and legacy_account_id is not null
),

accounts as (
    select distinct legacy_account_id from {{ ref('stg_edu__accounts') }}
),

live_users as (
    select * from {{ ref('stg_lms__users') }}
),

ledger as (
    select entity, legacy_id, live_id, method
    from {{ ref('int_crosswalk_checked') }}
    where is_deleted is not true
),

-- a second student's own login carries the account's id, too: it is not the account's login
own_logins as (
    select live_id from ledger where entity in ('student_logins', 'staff_logins')
    union
    select live_id from ledger where entity = 'users' and method = 'own_login'
),

evidence as (
    select
        users.legacy_account_id,
        ledger.live_id as user_id,
        'ledger' as method,
        1 as strength,
        users.legacy_user_id
    from ledger
    inner join users on ledger.legacy_id = users.legacy_user_id
    where ledger.entity = 'users' and ledger.method <> 'own_login'
    union all
    select ledger.legacy_id, ledger.live_id, 'ledger', 1, null from ledger where ledger.entity = 'accounts'
    union all
    select
        users.legacy_account_id,
        live_users.user_id,
        'old_user_id',
        2,
        users.legacy_user_id
    from live_users
    inner join users on live_users.old_user_id = users.legacy_user_id::text
    union all
    select
        accounts.legacy_account_id,
        live_users.user_id,
        'old_account_id',
        3,
        null
    from live_users
    inner join accounts on live_users.old_account_id = accounts.legacy_account_id::text
),

final as (
    -- the lowest users id of the account won when the live row was made
    select distinct on (evidence.legacy_account_id)
        evidence.legacy_account_id,
        evidence.user_id,
        evidence.method as match_method
    from evidence
    left join own_logins on evidence.user_id = own_logins.live_id
    where own_logins.live_id is null
    order by evidence.legacy_account_id, evidence.strength, evidence.legacy_user_id nulls last, evidence.user_id
)

select * from final
