-- Grain: one row per course that the migration needs
with classified as (
    select * from {{ ref('int_courses_classified') }} where outcome in ('matched', 'inserted')
),

defaults as (
    select
        max(value) filter (where setting = 'course_credit_hours') as credit_hours,
        max(value) filter (where setting = 'course_level') as course_level,
        max(value) filter (where setting = 'course_name') as course_name
    from {{ ref('defaults') }}
),

live_courses as (
    select course_id, code, name from {{ ref('stg_lms__courses') }}
),

final as (
    select
        classified.live_id as id,
        coalesce(live_courses.code, classified.course_code) as code,
        coalesce(
            case when classified.match_method <> 'inserted' then live_courses.name end,
            jsonb_strip_nulls(jsonb_build_object(
                'az', coalesce(classified.name_az, classified.name_en, classified.name_ru, defaults.course_name),
                'en', classified.name_en,
                'ru', classified.name_ru
            ))
        ) as name,
        defaults.credit_hours::integer as credit_hours,
        defaults.course_level,
        true as is_active,
        classified.legacy_id as legacy_subject_id,
        classified.outcome,
        classified.match_method
    from classified
    left join live_courses on classified.live_id = live_courses.course_id
    cross join defaults
)

select * from final
