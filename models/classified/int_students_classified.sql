-- Grain: one row per edu students row
with students as (
    select
        *,
        {{ version_place('legacy_student_id') }} as version_place
    from {{ ref('stg_edu__students') }}
),

holders as (
    select * from {{ ref('int_account_holders_mapped') }} where kind = 'students'
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
    where holder_logins.kind = 'students'
),

matched as (
    select * from {{ ref('int_students_matched') }}
),

persons as (
    select distinct legacy_person_id from {{ ref('stg_edu__persons') }}
),

live_students as (
    select * from {{ ref('stg_lms__students') }}
),

deleted as (
    select legacy_id from {{ ref('int_crosswalk_checked') }} where entity = 'students' and is_deleted
),

joined as (
    select
        students.*,
        holders.legacy_id is not null as is_in_scope,
        deleted.legacy_id is not null as is_deleted,
        holder_logins.user_id,
        -- a live row without a login is left alone; its account's login goes to whoever claims it
        coalesce(holder_logins.live_user_id, case when holder_logins.is_claimant then holder_logins.user_id end) as seat_user_id,
        matched.live_id as matched_id,
        matched.match_method,
        matched.evidence,
        live_students.student_number as live_student_number,
        case
            when students.version_place > 1 then 'duplicate_legacy_id'
            when holders.legacy_id is null then null
            when matched.is_ambiguous then 'ambiguous_match'
            when matched.live_id is null and persons.legacy_person_id is null then 'missing_person'
        end as reason
    from students
    left join holders on students.legacy_student_id = holders.legacy_id
    left join holder_logins on students.legacy_student_id = holder_logins.legacy_id
    left join matched on students.legacy_student_id = matched.legacy_id
    left join deleted on students.legacy_student_id = deleted.legacy_id
    left join persons on students.legacy_person_id = persons.legacy_person_id
    left join live_students on matched.live_id = live_students.student_id
),

-- a card number belongs to the live student that has it, else to the lowest legacy id
card_owners as (
    select card_number, min(legacy_student_id) as legacy_student_id
    from joined
    where
        is_in_scope
        and reason is null
        and card_number not in (select student_number from live_students)
        and (
            matched_id is null
            or (match_method = 'inserted' and live_student_number <> card_number)
        )
    group by card_number
),

numbered as (
    select
        joined.legacy_student_id,
        case
            -- a number that somebody chose in the application stays; one that the migration gave follows the card
            when
                joined.live_student_number is not null
                and (
                    joined.match_method is distinct from 'inserted'
                    or joined.live_student_number = joined.card_number
                )
                then joined.live_student_number
            when card_owners.legacy_student_id is not null then joined.card_number
            when joined.live_student_number ~ ('^STU' || joined.legacy_student_id || '(-[0-9]+)?$')
                then joined.live_student_number
        end as student_number
    from joined
    left join card_owners on joined.legacy_student_id = card_owners.legacy_student_id
    where joined.is_in_scope and joined.reason is null
),

-- everybody else gets STU and the id; where somebody has that number, as a card number may look like it, the substitute gives way
wanted_substitutes as (
    select
        'all' as scope,
        'STU' || legacy_student_id as name,
        legacy_student_id as legacy_id
    from numbered
    where student_number is null
),

taken_numbers as (
    select 'all' as scope, student_number as name from live_students
    union
    select 'all', student_number from numbered where student_number is not null
),

substitutes as (
    {{ number_repeats('wanted_substitutes', 'taken_numbers', '-') | indent(4) }}
),

final as (
    select
        joined.legacy_student_id as legacy_id,
        case
            when joined.reason is not null then 'rejected'
            when not joined.is_in_scope then 'out_of_scope'
            when joined.match_method = 'inserted' or joined.matched_id is null then 'inserted'
            else 'matched'
        end as outcome,
        coalesce(
            joined.reason,
            case when joined.is_deleted then 'deleted_in_lms' when not joined.is_in_scope then 'inactive' end
        ) as reason,
        case joined.reason
            when 'missing_person' then 'person ' || coalesce(joined.legacy_person_id::text, 'NULL') || ' does not exist in edu'
            when 'ambiguous_match' then joined.evidence
        end as detail,
        case
            when joined.reason is null and joined.is_in_scope
                then coalesce(joined.matched_id, {{ legacy_uuid('students', 'joined.legacy_student_id') | indent(16) }})
        end as live_id,
        coalesce(joined.match_method, 'inserted') as match_method,
        joined.evidence,
        joined.user_id,
        joined.seat_user_id,
        coalesce(numbered.student_number, substitutes.given_name, 'STU' || joined.legacy_student_id) as student_number,
        joined.legacy_person_id,
        joined.legacy_education_type_id,
        joined.legacy_payment_type_id,
        joined.is_active,
        joined.created_at
    from joined
    left join numbered on joined.legacy_student_id = numbered.legacy_student_id
    left join substitutes on joined.legacy_student_id = substitutes.legacy_id
)

select * from final
