-- Grain: one row per subject in scope
with subjects as (
    select
        legacy_subject_id,
        is_active,
        'SUBJ' || lpad((legacy_subject_id % 100000)::text, 5, '0') as computed_code,
        {{ version_place('legacy_subject_id') }} as version_place
    from {{ ref('stg_edu__subjects') }}
),

plan_subjects as (
    select legacy_plan_subject_id, legacy_subject_id from {{ ref('stg_edu__plan_subjects') }}
),

overrides as (
    select legacy_plan_subject_id::bigint as legacy_plan_subject_id, course_code from {{ ref('course_mapping') }}
),

used_plan_subjects as (
    select distinct legacy_plan_subject_id from {{ ref('int_sections_scoped') }} where is_in_scope
),

-- a subject lets go of its computed code when the seed decides every plan subject of it that sections use
uses as (
    select
        plan_subjects.legacy_subject_id,
        bool_and(overrides.course_code is not null) as is_overridden,
        min(overrides.course_code) as lowest_override
    from used_plan_subjects
    inner join plan_subjects on used_plan_subjects.legacy_plan_subject_id = plan_subjects.legacy_plan_subject_id
    left join overrides on used_plan_subjects.legacy_plan_subject_id = overrides.legacy_plan_subject_id
    group by plan_subjects.legacy_subject_id
),

coded as (
    select
        subjects.legacy_subject_id,
        subjects.computed_code,
        coalesce(uses.is_overridden, false) as is_overridden,
        case when uses.is_overridden then uses.lowest_override else subjects.computed_code end as course_code
    from subjects
    left join uses on subjects.legacy_subject_id = uses.legacy_subject_id
    where subjects.version_place = 1 and (subjects.is_active or uses.legacy_subject_id is not null)
),

final as (
    select
        legacy_subject_id,
        course_code,
        is_overridden,
        not is_overridden
        and count(*) filter (where not is_overridden) over (partition by computed_code) > 1 as is_ambiguous
    from coded
)

select * from final
