-- Grain: one row per attempt at an examination
with classified as (
    select * from {{ ref('int_assessment_submissions_classified') }} where outcome in ('matched', 'inserted')
),

statuses as (
    select * from {{ ref('submission_status_mapping') }}
),

final as (
    select
        classified.live_id as id,
        classified.assessment_id,
        classified.student_id,
        classified.attempt_number,
        classified.submission_date,
        coalesce(statuses.submission_status, default_status.submission_status) as status,
        classified.legacy_id as legacy_exam_attempt_id,
        classified.outcome,
        classified.match_method
    from classified
    left join statuses on classified.finish_status::text = statuses.finish_status
    left join statuses as default_status on default_status.finish_status = '*'
    order by classified.legacy_id
)

select * from final
