-- Grain: one row per edu course_teacher row
with section_teachers as (
    select
        *,
        {{ version_place('legacy_section_teacher_id') }} as version_place
    from {{ ref('stg_edu__section_teachers') }}
),

sections as (
    select legacy_id, outcome, reason, live_id
    from {{ ref('int_course_offerings_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

teachers as (
    select legacy_id, reason, live_id, user_id
    from {{ ref('int_staff_members_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

lesson_types as (
    select legacy_lesson_type_id::bigint as legacy_lesson_type_id, is_lecture::boolean as is_lecture
    from {{ ref('lesson_type_mapping') }}
),

ledger as (
    select legacy_id, live_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'course_instructors'
),

live_instructors as (
    select distinct on (course_offering_id, instructor_id) *
    from {{ ref('stg_lms__course_instructors') }}
    order by course_offering_id, instructor_id, course_instructor_id
),

-- a primary instructor who is there stays the only one
live_primaries as (
    select distinct course_offering_id from {{ ref('stg_lms__course_instructors') }} where role = 'primary'
),

joined as (
    select
        section_teachers.legacy_section_teacher_id as legacy_id,
        section_teachers.legacy_section_id,
        section_teachers.legacy_teacher_id,
        section_teachers.created_at,
        coalesce(lesson_types.is_lecture, false) as is_lecture,
        sections.live_id as course_offering_id,
        teachers.user_id as instructor_id,
        ledger.live_id as ledger_live_id,
        ledger.method as ledger_method,
        live_instructors.course_instructor_id as live_instructor_id,
        live_instructors.role as live_role,
        live_primaries.course_offering_id is not null as has_live_primary,
        case
            when section_teachers.version_place > 1 then 'duplicate_legacy_id'
            when not section_teachers.is_active then 'inactive'
            when ledger.is_deleted or 'deleted_in_lms' in (sections.reason, teachers.reason) then 'deleted_in_lms'
            when sections.outcome = 'out_of_scope' then sections.reason
            when sections.live_id is null then 'missing_section'
            when teachers.live_id is null or teachers.user_id is null then 'missing_person'
        end as reason,
        case
            when sections.live_id is null
                then
                    'section ' || coalesce(section_teachers.legacy_section_id::text, 'NULL') || ': '
                    || coalesce(sections.reason, 'does not exist in edu')
            when teachers.live_id is null
                then
                    'teacher ' || coalesce(section_teachers.legacy_teacher_id::text, 'NULL') || ': '
                    || coalesce(teachers.reason, 'does not exist in edu')
            else 'teacher ' || section_teachers.legacy_teacher_id || ': has no login'
        end as missing_detail
    from section_teachers
    left join sections on section_teachers.legacy_section_id = sections.legacy_id
    left join teachers on section_teachers.legacy_teacher_id = teachers.legacy_id
    left join lesson_types on section_teachers.legacy_lesson_type_id = lesson_types.legacy_lesson_type_id
    left join ledger
        on section_teachers.legacy_section_teacher_id = ledger.legacy_id and section_teachers.version_place = 1
    left join live_instructors
        on sections.live_id = live_instructors.course_offering_id and teachers.user_id = live_instructors.instructor_id
    left join live_primaries on sections.live_id = live_primaries.course_offering_id
),

moving as (
    select
        legacy_id,
        row_number() over instructor as place,
        first_value(legacy_id) over instructor as bearer_legacy_id,
        first_value(ledger_live_id) over instructor as bearer_ledger_live_id,
        bool_or(is_lecture) over (partition by course_offering_id, instructor_id)
        and not has_live_primary
        and min(legacy_id) filter (where is_lecture) over (partition by course_offering_id, instructor_id)
        = min(legacy_id) filter (where is_lecture) over (partition by course_offering_id) as is_primary
    from joined
    where reason is null
    -- once per offering and instructor: the row that bears it stays the bearer
    window instructor as (
        partition by course_offering_id, instructor_id
        order by ledger_method is not null and ledger_method <> 'folded' desc, legacy_id
    )
),

final as (
    select
        joined.legacy_id,
        case
            when joined.reason in ('inactive', 'before_cutoff', 'deleted_in_lms') then 'out_of_scope'
            when joined.reason is not null then 'rejected'
            when joined.ledger_method in ('inserted', 'folded') then joined.ledger_method
            when joined.ledger_method is not null then 'matched'
            when moving.place > 1 then 'folded'
            when joined.live_instructor_id is not null then 'matched'
            else 'inserted'
        end as outcome,
        joined.reason,
        case when joined.reason in ('missing_section', 'missing_person') then joined.missing_detail end as detail,
        case
            when joined.reason is null
                then
                    coalesce(
                        joined.ledger_live_id,
                        moving.bearer_ledger_live_id,
                        joined.live_instructor_id,
                        {{ legacy_uuid('course_instructors', 'moving.bearer_legacy_id') | indent(24) }}
                    )
        end as live_id,
        coalesce(
            joined.ledger_method,
            case
                when moving.place > 1 then 'folded'
                when joined.live_instructor_id is not null then 'offering_and_instructor'
                else 'inserted'
            end
        ) as match_method,
        joined.legacy_section_id,
        joined.legacy_teacher_id,
        joined.course_offering_id,
        joined.instructor_id,
        coalesce(joined.live_role, case when moving.is_primary then 'primary' else 'secondary' end) as role,
        joined.created_at
    from joined
    left join moving on joined.legacy_id = moving.legacy_id and joined.reason is null
)

select * from final
