-- Grain: one row per edu exam row
with exams as (
    select
        *,
        {{ version_place('legacy_exam_id') }} as version_place
    from {{ ref('stg_edu__exams') }}
),

active_attempts as (
    select distinct legacy_exam_id from {{ ref('stg_edu__exam_attempts') }} where is_active
),

sections as (
    select legacy_id, reason, live_id
    from {{ ref('int_course_offerings_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

ledger as (
    select legacy_id, live_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'assessments'
),

live_assessments as (
    select old_exam_id, min(assessment_id::text)::uuid as assessment_id
    from {{ ref('stg_lms__assessments') }}
    where old_exam_id is not null
    group by old_exam_id
),

joined as (
    select
        exams.*,
        sections.live_id as course_offering_id,
        sections.reason as section_reason,
        ledger.method as ledger_method,
        ledger.is_deleted,
        coalesce(ledger.live_id, live_assessments.assessment_id) as matched_id,
        exams.is_active or active_attempts.legacy_exam_id is not null as is_in_scope
    from exams
    left join active_attempts on exams.legacy_exam_id = active_attempts.legacy_exam_id
    left join sections on exams.legacy_section_id = sections.legacy_id
    left join ledger on exams.legacy_exam_id = ledger.legacy_id
    left join live_assessments on exams.legacy_exam_id::text = live_assessments.old_exam_id
),

reasoned as (
    select
        *,
        case
            when version_place > 1 then 'duplicate_legacy_id'
            when not is_in_scope then 'inactive'
            when is_deleted or section_reason = 'deleted_in_lms' then 'deleted_in_lms'
            when section_reason = 'before_cutoff' then 'before_cutoff'
            when course_offering_id is null then 'missing_section'
        end as reason
    from joined
),

final as (
    select
        legacy_exam_id as legacy_id,
        case
            when reason in ('inactive', 'before_cutoff', 'deleted_in_lms') then 'out_of_scope'
            when reason is not null then 'rejected'
            when ledger_method = 'inserted' or matched_id is null then 'inserted'
            else 'matched'
        end as outcome,
        reason,
        case reason
            when 'missing_section'
                then
                    'section ' || coalesce(legacy_section_id::text, 'NULL') || ': '
                    || coalesce(section_reason, 'does not exist in edu')
        end as detail,
        case
            when reason is null
                then coalesce(matched_id, {{ legacy_uuid('assessments', 'legacy_exam_id') | indent(16) }})
        end as live_id,
        coalesce(ledger_method, case when matched_id is not null then 'old_exam_id' else 'inserted' end) as match_method,
        legacy_section_id,
        course_offering_id,
        (start_date + coalesce(start_time, time '00:00')) at time zone '{{ var("time_zone") }}' as due_date,
        duration_minutes,
        case when passing_grade between 0 and 100 then passing_grade end as passing_marks
    from reasoned
)

select * from final
