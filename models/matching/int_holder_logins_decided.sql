-- Grain: one row per student or teacher in scope that has a login
with holders as (
    select * from {{ ref('int_account_holders_mapped') }} where legacy_account_id is not null
),

live_holders as (
    select 'students' as kind, legacy_id, live_id from {{ ref('int_students_matched') }} where not is_ambiguous
    union all
    select 'staff_members', legacy_id, live_id from {{ ref('int_staff_members_matched') }}
),

-- who sits on which live user already
occupied as (
    select 'students' as kind, student_id as live_id, user_id from {{ ref('stg_lms__students') }} where user_id is not null
    union all
    select 'staff_members', staff_member_id, user_id from {{ ref('stg_lms__staff_members') }} where user_id is not null
),

account_logins as (
    select * from {{ ref('int_account_logins_matched') }}
),

bearers as (
    select * from {{ ref('int_account_bearers_decided') }}
),

joined as (
    select
        holders.kind,
        holders.legacy_id,
        holders.legacy_account_id,
        holders.legacy_user_id,
        bearers.login_entity,
        bearers.login_legacy_id,
        own.user_id as own_user_id,
        live_holders.live_id is not null as is_live,
        neighbours.user_id is not null as is_account_taken
    from holders
    inner join bearers on holders.legacy_account_id = bearers.legacy_account_id
    left join live_holders on holders.kind = live_holders.kind and holders.legacy_id = live_holders.legacy_id
    left join occupied as own on live_holders.kind = own.kind and live_holders.live_id = own.live_id
    left join account_logins on holders.legacy_account_id = account_logins.legacy_account_id
    left join occupied as neighbours on holders.kind = neighbours.kind and account_logins.user_id = neighbours.user_id
),

placed as (
    select
        *,
        row_number() over (partition by kind, legacy_account_id, is_live order by legacy_id) as place
    from joined
),

-- a second student on one account gets a login of its own, borne by its own users row where it has one
decided as (
    select
        *,
        not is_live and (is_account_taken or place > 1) as needs_own_login,
        legacy_user_id is not null
        and (login_entity <> 'users' or legacy_user_id <> login_legacy_id)
        and row_number() over (
            partition by legacy_user_id order by not is_live and (is_account_taken or place > 1) desc, kind desc, legacy_id asc
        ) = 1 as has_own_users_row
    from placed
),

final as (
    select
        kind,
        legacy_id,
        legacy_account_id,
        own_user_id as live_user_id,
        needs_own_login,
        case
            when not needs_own_login then login_entity
            when has_own_users_row then 'users'
            when kind = 'students' then 'student_logins'
            else 'staff_logins'
        end as login_entity,
        case
            when not needs_own_login then login_legacy_id
            when has_own_users_row then legacy_user_id
            else legacy_id
        end as login_legacy_id
    from decided
)

select * from final
