-- Grain: one row per examination
with classified as (
    select * from {{ ref('int_assessments_classified') }} where outcome in ('matched', 'inserted')
),

defaults as (
    select
        jsonb_build_object(
            'az', max(value) filter (where setting = 'assessment_title_az'),
            'en', max(value) filter (where setting = 'assessment_title_en'),
            'ru', max(value) filter (where setting = 'assessment_title_ru')
        ) as title,
        max(value) filter (where setting = 'assessment_total_marks') as total_marks,
        max(value) filter (where setting = 'assessment_weight_percentage') as weight_percentage
    from {{ ref('defaults') }}
),

final as (
    select
        classified.live_id as id,
        classified.course_offering_id,
        defaults.title,
        'exam' as assessment_type,
        defaults.weight_percentage::numeric(5, 2) as weight_percentage,
        defaults.total_marks::numeric(6, 2) as total_marks,
        case
            when classified.passing_marks <= defaults.total_marks::numeric then classified.passing_marks::numeric(6, 2)
        end as passing_marks,
        classified.due_date,
        classified.duration_minutes,
        jsonb_build_object('old_exam_id', classified.legacy_id::text) as rubric,
        classified.legacy_id as legacy_exam_id,
        classified.outcome,
        classified.match_method
    from classified
    cross join defaults
)

select * from final
