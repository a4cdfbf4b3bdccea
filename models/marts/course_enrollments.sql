-- Grain: one row per enrollment
with classified as (
    select * from {{ ref('int_course_enrollments_classified') }} where outcome in ('matched', 'inserted')
),

final as (
    select
        live_id as id,
        course_offering_id,
        student_id,
        enrollment_date,
        enrollment_status,
        grade,
        is_retake,
        legacy_id as old_journal_id,
        outcome,
        match_method
    from classified
    -- ascending ids: the live primary key index grows at its right edge
    order by legacy_id
)

select * from final
