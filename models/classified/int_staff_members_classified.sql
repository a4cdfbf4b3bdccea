-- Grain: one row per edu teachers row
with teachers as (
    select
        *,
        {{ version_place('legacy_teacher_id') }} as version_place
    from {{ ref('stg_edu__teachers') }}
),

holders as (
    select * from {{ ref('int_account_holders_mapped') }} where kind = 'staff_members'
),

holder_logins as (
    select
        holder_logins.legacy_id,
        holder_logins.live_user_id,
        holder_logins.is_claimant,
        coalesce(holder_logins.live_user_id, logins.live_id, {{ legacy_uuid_of_login('holder_logins.') | indent(8) }}) as user_id
    from {{ ref('int_holder_logins_decided') }} as holder_logins
    left join {{ ref('int_logins_decided') }} as logins
        on holder_logins.login_entity = logins.login_entity and holder_logins.login_legacy_id = logins.login_legacy_id
    where holder_logins.kind = 'staff_members'
),

matched as (
    select * from {{ ref('int_staff_members_matched') }}
),

persons as (
    select distinct legacy_person_id from {{ ref('stg_edu__persons') }}
),

deleted as (
    select legacy_id from {{ ref('int_crosswalk_checked') }} where entity = 'staff_members' and is_deleted
),

joined as (
    select
        teachers.*,
        holders.legacy_id is not null as is_in_scope,
        deleted.legacy_id is not null as is_deleted,
        holder_logins.user_id,
        -- a live row without a login is left alone; its account's login goes to whoever claims it
        coalesce(holder_logins.live_user_id, case when holder_logins.is_claimant then holder_logins.user_id end) as seat_user_id,
        matched.live_id as matched_id,
        matched.match_method,
        matched.evidence,
        case
            when teachers.version_place > 1 then 'duplicate_legacy_id'
            when holders.legacy_id is not null and matched.live_id is null and persons.legacy_person_id is null
                then 'missing_person'
        end as reason
    from teachers
    left join holders on teachers.legacy_teacher_id = holders.legacy_id
    left join holder_logins on teachers.legacy_teacher_id = holder_logins.legacy_id
    left join matched on teachers.legacy_teacher_id = matched.legacy_id
    left join deleted on teachers.legacy_teacher_id = deleted.legacy_id
    left join persons on teachers.legacy_person_id = persons.legacy_person_id
),

final as (
    select
        legacy_teacher_id as legacy_id,
        case
            when reason is not null then 'rejected'
            when not is_in_scope then 'out_of_scope'
            when match_method = 'inserted' or matched_id is null then 'inserted'
            else 'matched'
        end as outcome,
        coalesce(
            reason,
            case when is_deleted then 'deleted_in_lms' when not is_in_scope then 'inactive' end
        ) as reason,
        case reason
            when 'missing_person' then 'person ' || coalesce(legacy_person_id::text, 'NULL') || ' does not exist in edu'
        end as detail,
        case
            when reason is null and is_in_scope
                then coalesce(matched_id, {{ legacy_uuid('staff_members', 'legacy_teacher_id') | indent(16) }})
        end as live_id,
        coalesce(match_method, 'inserted') as match_method,
        evidence,
        user_id,
        seat_user_id,
        legacy_person_id,
        legacy_position_id,
        legacy_contract_type_id,
        in_action_date,
        out_action_date,
        is_active,
        created_at
    from joined
)

select * from final
