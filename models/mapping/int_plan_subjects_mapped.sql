-- Grain: one row per plan subject
with plan_subjects as (
    select
        legacy_plan_subject_id,
        legacy_subject_id,
        {{ version_place('legacy_plan_subject_id') }} as version_place
    from {{ ref('stg_edu__plan_subjects') }}
),

subjects as (
    select * from {{ ref('int_subjects_mapped') }}
),

overrides as (
    select legacy_plan_subject_id::bigint as legacy_plan_subject_id, course_code from {{ ref('course_mapping') }}
),

final as (
    select
        plan_subjects.legacy_plan_subject_id,
        plan_subjects.legacy_subject_id,
        coalesce(overrides.course_code, subjects.course_code) as course_code,
        case when overrides.course_code is not null then 'course_mapping' else 'computed' end as mapping_source,
        case
            when overrides.course_code is not null then null
            when subjects.legacy_subject_id is null
                then 'plan subject ' || plan_subjects.legacy_plan_subject_id || ' names subject '
                    || coalesce(plan_subjects.legacy_subject_id::text, 'NULL') || ', which edu does not hold'
            when subjects.is_ambiguous
                then 'ambiguous_match: several subjects have the code ' || subjects.course_code
        end as unmapped_because
    from plan_subjects
    left join subjects on plan_subjects.legacy_subject_id = subjects.legacy_subject_id
    left join overrides on plan_subjects.legacy_plan_subject_id = overrides.legacy_plan_subject_id
    where plan_subjects.version_place = 1
)

select * from final
