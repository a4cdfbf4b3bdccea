-- Grain: one row per student or teacher in scope
with students as (
    select
        legacy_student_id as legacy_id,
        legacy_person_id,
        legacy_user_id,
        is_active,
        {{ version_place('legacy_student_id') }} as version_place
    from {{ ref('stg_edu__students') }}
),

teachers as (
    select
        legacy_teacher_id as legacy_id,
        legacy_person_id,
        legacy_user_id,
        is_active,
        {{ version_place('legacy_teacher_id') }} as version_place
    from {{ ref('stg_edu__teachers') }}
),

referenced_students as (
    select legacy_student_id from {{ ref('stg_edu__journal_entries') }} where is_active
    union
    select legacy_student_id from {{ ref('stg_edu__exam_attempts') }} where is_active
),

referenced_teachers as (
    select distinct section_teachers.legacy_teacher_id
    from {{ ref('stg_edu__section_teachers') }} as section_teachers
    inner join {{ ref('int_sections_scoped') }} as sections
        on section_teachers.legacy_section_id = sections.legacy_section_id and sections.is_in_scope
    where section_teachers.is_active
),

holders as (
    select
        'students' as kind,
        students.*
    from students
    where
        students.version_place = 1
        and (students.is_active or students.legacy_id in (select legacy_student_id from referenced_students))
    union all
    select
        'staff_members',
        teachers.*
    from teachers
    where
        teachers.version_place = 1
        and (teachers.is_active or teachers.legacy_id in (select legacy_teacher_id from referenced_teachers))
),

users as (
    select
        legacy_user_id,
        legacy_account_id,
        {{ version_place('legacy_user_id') }} as version_place
    from {{ ref('stg_edu__users') }}
),

accounts as (
    select distinct legacy_account_id, legacy_person_id, is_active from {{ ref('stg_edu__accounts') }}
),

-- of several accounts of a person the active one counts, then the oldest
person_accounts as (
    select distinct on (legacy_person_id)
        legacy_person_id,
        legacy_account_id
    from accounts
    where legacy_person_id is not null
    order by legacy_person_id asc, is_active desc, legacy_account_id asc
),

user_accounts as (
    select users.legacy_user_id, users.legacy_account_id
    from users
    inner join (select distinct legacy_account_id from accounts) as known
        on users.legacy_account_id = known.legacy_account_id
    where users.version_place = 1
),

-- whom the application has deleted stays deleted, and needs no login
deleted as (
    select entity, legacy_id from {{ ref('int_crosswalk_checked') }} where is_deleted
),

final as (
    select
        holders.kind,
        holders.legacy_id,
        holders.legacy_person_id,
        user_accounts.legacy_user_id,
        coalesce(user_accounts.legacy_account_id, person_accounts.legacy_account_id) as legacy_account_id,
        case
            when user_accounts.legacy_account_id is not null then 'user_id'
            when person_accounts.legacy_account_id is not null then 'person'
        end as login_source
    from holders
    left join user_accounts on holders.legacy_user_id = user_accounts.legacy_user_id
    left join person_accounts on holders.legacy_person_id = person_accounts.legacy_person_id
    left join deleted on holders.kind = deleted.entity and holders.legacy_id = deleted.legacy_id
    where deleted.legacy_id is null
)

select * from final
