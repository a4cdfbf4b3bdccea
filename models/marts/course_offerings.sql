-- Grain: one row per class section
with classified as (
    select * from {{ ref('int_course_offerings_classified') }} where outcome in ('matched', 'inserted')
),

live_offerings as (
    select * from {{ ref('stg_lms__course_offerings') }}
),

defaults as (
    select max(value) as delivery_mode from {{ ref('defaults') }} where setting = 'offering_delivery_mode'
),

-- all rows that will be enrolled, the application's own included
enrolled as (
    select course_offering_id, count(*) as enrolled_count
    from (
        select id, course_offering_id from {{ ref('course_enrollments') }} where enrollment_status = 'enrolled'
        union
        select course_enrollment_id, course_offering_id
        from {{ ref('stg_lms__course_enrollments') }}
        where enrollment_status = 'enrolled'
    ) as rows_enrolled
    group by course_offering_id
),

final as (
    select
        classified.live_id as id,
        classified.course_id,
        classified.academic_term_id,
        classified.section_code,
        classified.language_of_instruction,
        greatest(
            coalesce(live_offerings.max_enrollment, classified.student_count, 1), coalesce(enrolled.enrolled_count, 0), 1
        )::integer as max_enrollment,
        coalesce(enrolled.enrolled_count, 0)::integer as current_enrollment,
        0 as waitlist_capacity,
        defaults.delivery_mode,
        true as is_published,
        case when classified.term_end_date >= {{ as_of_date() }} then 'open' else 'closed' end as enrollment_status,
        classified.legacy_id as old_course_id,
        classified.outcome,
        classified.match_method
    from classified
    left join live_offerings on classified.live_id = live_offerings.course_offering_id
    left join enrolled on classified.live_id = enrolled.course_offering_id
    cross join defaults
)

select * from final
