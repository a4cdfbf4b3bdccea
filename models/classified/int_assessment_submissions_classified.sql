-- Grain: one row per edu exam_student row
with attempts as (
    select
        *,
        {{ version_place('legacy_exam_attempt_id') }} as version_place
    from {{ ref('stg_edu__exam_attempts') }}
),

exams as (
    select legacy_id, reason, live_id
    from {{ ref('int_assessments_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

students as (
    select legacy_id, reason, live_id
    from {{ ref('int_students_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

ledger as (
    select legacy_id, live_id, method, is_deleted
    from {{ ref('int_crosswalk_checked') }}
    where entity = 'assessment_submissions'
),

live_submissions as (
    select * from {{ ref('stg_lms__assessment_submissions') }}
),

joined as (
    select
        attempts.*,
        exams.live_id as assessment_id,
        students.live_id as student_id,
        ledger.live_id as ledger_live_id,
        ledger.method as ledger_method,
        -- published at another assessment or with another student than edu names now
        own_live.assessment_submission_id is not null
        and (own_live.assessment_id <> exams.live_id or own_live.student_id <> students.live_id) as is_moved,
        case
            when attempts.version_place > 1 then 'duplicate_legacy_id'
            when not attempts.is_active then 'inactive'
            when ledger.is_deleted or 'deleted_in_lms' in (exams.reason, students.reason) then 'deleted_in_lms'
            when exams.reason = 'before_cutoff' then 'before_cutoff'
            when students.live_id is null then 'missing_student'
            when exams.live_id is null then 'missing_exam'
        end as reason,
        case
            when students.live_id is null
                then
                    'student ' || coalesce(attempts.legacy_student_id::text, 'NULL') || ': '
                    || coalesce(students.reason, 'does not exist in edu')
            else
                'exam ' || coalesce(attempts.legacy_exam_id::text, 'NULL') || ': '
                || coalesce(exams.reason, 'does not exist in edu')
        end as missing_detail
    from attempts
    left join exams on attempts.legacy_exam_id = exams.legacy_id
    left join students on attempts.legacy_student_id = students.legacy_id
    left join ledger on attempts.legacy_exam_attempt_id = ledger.legacy_id and attempts.version_place = 1
    left join live_submissions as own_live on ledger.live_id = own_live.assessment_submission_id
),

-- attempts that no batch has published, in the order in which they were made
legacy_order as (
    select
        legacy_exam_attempt_id,
        assessment_id,
        student_id,
        is_moved,
        row_number() over (
            partition by assessment_id, student_id, is_moved order by created_at nulls last, legacy_exam_attempt_id
        ) as place
    from joined
    where reason is null and (ledger_live_id is null or is_moved)
),

live_order as (
    select
        live_submissions.assessment_submission_id,
        live_submissions.assessment_id,
        live_submissions.student_id,
        row_number() over (
            partition by live_submissions.assessment_id, live_submissions.student_id order by live_submissions.attempt_number
        ) as place
    from live_submissions
    left join ledger on live_submissions.assessment_submission_id = ledger.live_id
    where ledger.live_id is null
),

live_attempts as (
    select
        assessment_id,
        student_id,
        max(attempt_number) as last_attempt
    from live_submissions
    group by assessment_id, student_id
),

paired as (
    select
        legacy_order.legacy_exam_attempt_id,
        live_order.assessment_submission_id,
        coalesce(live_attempts.last_attempt, 0)
        + row_number() over (
            partition by legacy_order.assessment_id, legacy_order.student_id, live_order.assessment_submission_id is null
            order by legacy_order.is_moved, legacy_order.place
        ) as next_attempt
    from legacy_order
    left join live_order
        on
            legacy_order.assessment_id = live_order.assessment_id
            and legacy_order.student_id = live_order.student_id
            and legacy_order.place = live_order.place
            and not legacy_order.is_moved
    left join live_attempts
        on
            legacy_order.assessment_id = live_attempts.assessment_id
            and legacy_order.student_id = live_attempts.student_id
),

final as (
    select
        joined.legacy_exam_attempt_id as legacy_id,
        case
            when joined.reason in ('inactive', 'before_cutoff', 'deleted_in_lms') then 'out_of_scope'
            when joined.reason is not null then 'rejected'
            when joined.ledger_method = 'inserted' then 'inserted'
            when joined.ledger_live_id is not null or paired.assessment_submission_id is not null then 'matched'
            else 'inserted'
        end as outcome,
        joined.reason,
        case when joined.reason in ('missing_student', 'missing_exam') then joined.missing_detail end as detail,
        case
            when joined.reason is null
                then
                    coalesce(
                        joined.ledger_live_id,
                        paired.assessment_submission_id,
                        {{ legacy_uuid('assessment_submissions', 'joined.legacy_exam_attempt_id') | indent(24) }}
                    )
        end as live_id,
        coalesce(
            joined.ledger_method,
            case when paired.assessment_submission_id is not null then 'attempt_order' else 'inserted' end
        ) as match_method,
        joined.legacy_exam_id,
        joined.legacy_student_id,
        joined.assessment_id,
        joined.student_id,
        coalesce(
            case when not joined.is_moved then live_submissions.attempt_number end, paired.next_attempt
        )::integer as attempt_number,
        joined.created_at as submission_date,
        joined.finish_status
    from joined
    left join paired on joined.legacy_exam_attempt_id = paired.legacy_exam_attempt_id and joined.reason is null
    left join live_submissions
        on coalesce(joined.ledger_live_id, paired.assessment_submission_id) = live_submissions.assessment_submission_id
)

select * from final
