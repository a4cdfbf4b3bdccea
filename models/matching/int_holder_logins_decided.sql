-- Grain: one row per student or teacher in scope that has a login
with holders as (
    select * from {{ ref('int_account_holders_mapped') }}
),

live_holders as (
    select 'students' as kind, legacy_id, live_id, match_method, is_ambiguous from {{ ref('int_students_matched') }}
    union all
    select 'staff_members', legacy_id, live_id, match_method, false from {{ ref('int_staff_members_matched') }}
),

persons as (
    select distinct legacy_person_id from {{ ref('stg_edu__persons') }}
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

-- users rows whose login is decided already: by an earlier batch, or because a live user stands for it that is an account's login
spoken_for as (
    select legacy_id from {{ ref('int_crosswalk_checked') }} where entity = 'users'
),

live_rows as (
    select
        live_users.old_user_id,
        bool_or(account_logins.user_id is not null) as is_account_login,
        bool_or(students.user_id is not null) as has_student,
        bool_or(staff.user_id is not null) as has_staff_member
    from {{ ref('stg_lms__users') }} as live_users
    left join account_logins on live_users.user_id = account_logins.user_id
    left join occupied as students on live_users.user_id = students.user_id and students.kind = 'students'
    left join occupied as staff on live_users.user_id = staff.user_id and staff.kind = 'staff_members'
    where live_users.old_user_id is not null
    group by live_users.old_user_id
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
        -- the application's row keeps what it has, a login or none; who cannot move needs none
        bearers.legacy_account_id is not null
        and own.user_id is null
        and case
            when live_holders.legacy_id is null then persons.legacy_person_id is not null
            else live_holders.match_method = 'inserted' and not live_holders.is_ambiguous
        end as is_claimant,
        neighbours.user_id is not null as is_account_taken,
        holders.legacy_user_id is not null
        and (bearers.login_entity <> 'users' or holders.legacy_user_id <> bearers.login_legacy_id)
        and spoken_for.legacy_id is null
        and not coalesce(
            live_rows.is_account_login
            or case holders.kind when 'students' then live_rows.has_student else live_rows.has_staff_member end,
            false
        ) as has_free_users_row
    from holders
    left join bearers on holders.legacy_account_id = bearers.legacy_account_id
    left join live_holders on holders.kind = live_holders.kind and holders.legacy_id = live_holders.legacy_id
    left join persons on holders.legacy_person_id = persons.legacy_person_id
    left join occupied as own on live_holders.kind = own.kind and live_holders.live_id = own.live_id
    left join account_logins on holders.legacy_account_id = account_logins.legacy_account_id
    left join occupied as neighbours on holders.kind = neighbours.kind and account_logins.user_id = neighbours.user_id
    left join spoken_for on holders.legacy_user_id = spoken_for.legacy_id
    left join live_rows on holders.legacy_user_id::text = live_rows.old_user_id
    where bearers.legacy_account_id is not null or own.user_id is not null
),

placed as (
    select
        *,
        is_claimant
        and (
            is_account_taken
            or row_number() over (partition by kind, legacy_account_id, is_claimant order by legacy_id) > 1
        ) as needs_own_login
    from joined
),

-- a second student on one account gets a login of its own, borne by its own users row where it has one
decided as (
    select
        *,
        has_free_users_row
        and row_number() over (
            partition by legacy_user_id order by needs_own_login desc, kind desc, legacy_id asc
        ) = 1 as has_own_users_row
    from placed
),

final as (
    select
        kind,
        legacy_id,
        legacy_account_id,
        own_user_id as live_user_id,
        is_claimant,
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
