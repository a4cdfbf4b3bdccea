-- Grain: one row per offering and instructor
with classified as (
    select * from {{ ref('int_course_instructors_classified') }} where outcome in ('matched', 'inserted')
),

final as (
    select
        live_id as id,
        course_offering_id,
        instructor_id,
        role,
        (created_at at time zone '{{ var("time_zone") }}')::date as assigned_date,
        legacy_id as legacy_section_teacher_id,
        outcome,
        match_method
    from classified
)

select * from final
