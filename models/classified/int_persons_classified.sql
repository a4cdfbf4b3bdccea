-- Grain: one row per edu persons row
with persons as (
    select
        *,
        {{ version_place('legacy_person_id') }} as version_place
    from {{ ref('stg_edu__persons') }}
),

accounts as (
    select distinct legacy_account_id, legacy_person_id from {{ ref('stg_edu__accounts') }} where legacy_person_id is not null
),

holders as (
    select legacy_person_id, user_id, 1 as preference, legacy_id
    from {{ ref('int_students_classified') }}
    where live_id is not null
    union all
    select legacy_person_id, user_id, 2, legacy_id from {{ ref('int_staff_members_classified') }} where live_id is not null
),

-- the logins that a person has, in order of preference: by account, then through a student or teacher row
person_logins as (
    select
        accounts.legacy_person_id,
        coalesce(logins.live_id, {{ legacy_uuid_of_login('logins.') | indent(8) }}) as user_id,
        0 as preference,
        accounts.legacy_account_id as legacy_id
    from accounts
    inner join {{ ref('int_account_bearers_decided') }} as bearers on accounts.legacy_account_id = bearers.legacy_account_id
    inner join {{ ref('int_logins_decided') }} as logins
        on bearers.login_entity = logins.login_entity and bearers.login_legacy_id = logins.login_legacy_id
    union all
    select legacy_person_id, user_id, preference, legacy_id from holders where user_id is not null
),

ledger as (
    select legacy_id, live_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'persons'
),

live_persons as (
    select person_id, user_id from {{ ref('stg_lms__persons') }} where user_id is not null
),

by_user as (
    select distinct on (person_logins.legacy_person_id)
        person_logins.legacy_person_id,
        live_persons.person_id,
        row_number() over (
            partition by live_persons.person_id order by person_logins.preference, person_logins.legacy_id
        ) as claim
    from person_logins
    inner join live_persons on person_logins.user_id = live_persons.user_id
    left join ledger on live_persons.person_id = ledger.live_id
    where ledger.live_id is null
    order by person_logins.legacy_person_id, claim, person_logins.preference, person_logins.legacy_id
),

scoped as (
    select
        persons.*,
        persons.is_active
        or exists (select 1 from holders where holders.legacy_person_id = persons.legacy_person_id) as is_in_scope,
        ledger.method as ledger_method,
        coalesce(ledger.is_deleted, false) as is_deleted,
        coalesce(ledger.live_id, by_user.person_id) as matched_id
    from persons
    left join ledger on persons.legacy_person_id = ledger.legacy_id
    left join by_user on persons.legacy_person_id = by_user.legacy_person_id and by_user.claim = 1
),

-- a new person gets a login that no other person sits on, live or new
free_logins as (
    select
        person_logins.legacy_person_id,
        person_logins.user_id,
        person_logins.preference,
        person_logins.legacy_id,
        row_number() over (
            partition by person_logins.user_id
            order by person_logins.preference, person_logins.legacy_person_id, person_logins.legacy_id
        ) as claim
    from person_logins
    inner join scoped on person_logins.legacy_person_id = scoped.legacy_person_id
    left join live_persons on person_logins.user_id = live_persons.user_id
    where scoped.version_place = 1 and scoped.is_in_scope and scoped.matched_id is null and live_persons.user_id is null
),

new_logins as (
    select distinct on (legacy_person_id) legacy_person_id, user_id
    from free_logins
    where claim = 1
    order by legacy_person_id, preference, legacy_id
),

final as (
    select
        scoped.legacy_person_id as legacy_id,
        case
            when scoped.version_place > 1 then 'rejected'
            when not scoped.is_in_scope or scoped.is_deleted then 'out_of_scope'
            when scoped.ledger_method = 'inserted' or scoped.matched_id is null then 'inserted'
            else 'matched'
        end as outcome,
        case
            when scoped.version_place > 1 then 'duplicate_legacy_id'
            when not scoped.is_in_scope then 'inactive'
            when scoped.is_deleted then 'deleted_in_lms'
        end as reason,
        null::text as detail,
        case
            when scoped.version_place = 1 and scoped.is_in_scope and not scoped.is_deleted
                then coalesce(scoped.matched_id, {{ legacy_uuid('persons', 'scoped.legacy_person_id') | indent(16) }})
        end as live_id,
        coalesce(scoped.ledger_method, case when scoped.matched_id is not null then 'user' else 'inserted' end) as match_method,
        coalesce(new_logins.user_id, live_persons.user_id) as user_id,
        scoped.first_name,
        scoped.last_name,
        scoped.middle_name,
        scoped.date_of_birth,
        scoped.legacy_gender_id,
        scoped.national_id
    from scoped
    left join new_logins on scoped.legacy_person_id = new_logins.legacy_person_id and scoped.version_place = 1
    left join live_persons on scoped.matched_id = live_persons.person_id
)

select * from final
