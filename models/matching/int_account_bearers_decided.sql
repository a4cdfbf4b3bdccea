-- Grain: one row per account that has, or needs, a login in lms
with accounts as (
    select distinct legacy_account_id from {{ ref('stg_edu__accounts') }}
),

users as (
    select
        legacy_user_id,
        legacy_account_id,
        is_active,
        {{ version_place('legacy_user_id') }} as version_place
    from {{ ref('stg_edu__users') }}
),

needed as (
    select distinct legacy_account_id from {{ ref('int_account_holders_mapped') }} where legacy_account_id is not null
),

ledger as (
    select legacy_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'users'
),

ledger_accounts as (
    select legacy_id, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'accounts'
),

candidates as (
    select
        accounts.legacy_account_id,
        users.legacy_user_id,
        coalesce(ledger.is_deleted, false) as is_deleted,
        row_number() over (
            partition by accounts.legacy_account_id
            order by
                -- what a batch has decided stands
                (ledger.method is not null and ledger.method <> 'folded') desc,
                users.is_active desc nulls last,
                users.legacy_user_id asc
        ) as place
    from accounts
    left join users on accounts.legacy_account_id = users.legacy_account_id and users.version_place = 1
    left join ledger on users.legacy_user_id = ledger.legacy_id
    left join needed on accounts.legacy_account_id = needed.legacy_account_id
    where (users.is_active or needed.legacy_account_id is not null) and coalesce(ledger.method, '') <> 'own_login'
),

final as (
    select
        candidates.legacy_account_id,
        case
            when candidates.legacy_user_id is null or ledger_accounts.legacy_id is not null then 'accounts' else 'users'
        end as login_entity,
        case
            when candidates.legacy_user_id is null or ledger_accounts.legacy_id is not null then candidates.legacy_account_id
            else candidates.legacy_user_id
        end as login_legacy_id
    from candidates
    left join ledger_accounts on candidates.legacy_account_id = ledger_accounts.legacy_id
    -- a login that the application has deleted is not made again
    where candidates.place = 1 and not candidates.is_deleted and ledger_accounts.is_deleted is not true
)

select * from final
