-- Grain: one row per student
with classified as (
    select * from {{ ref('int_students_classified') }} where outcome in ('matched', 'inserted')
),

study_modes as (
    select * from {{ ref('study_mode_mapping') }}
),

funding_types as (
    select * from {{ ref('funding_type_mapping') }}
),

defaults as (
    select max(value)::date as enrollment_date from {{ ref('defaults') }} where setting = 'student_enrollment_date'
),

final as (
    select
        classified.live_id as id,
        classified.seat_user_id as user_id,
        classified.student_number,
        coalesce(
            (classified.created_at at time zone '{{ var("time_zone") }}')::date, defaults.enrollment_date
        ) as enrollment_date,
        case when classified.is_active then 'active' else 'inactive' end as status,
        coalesce(study_modes.study_mode, default_study_mode.study_mode) as study_mode,
        coalesce(funding_types.funding_type, default_funding_type.funding_type) as funding_type,
        jsonb_build_object('old_student_id', classified.legacy_id::text) as metadata,
        classified.legacy_id as legacy_student_id,
        classified.outcome,
        classified.match_method
    from classified
    left join study_modes on classified.legacy_education_type_id::text = study_modes.legacy_education_type_id
    left join study_modes as default_study_mode on default_study_mode.legacy_education_type_id = '*'
    left join funding_types on classified.legacy_payment_type_id::text = funding_types.legacy_payment_type_id
    left join funding_types as default_funding_type on default_funding_type.legacy_payment_type_id = '*'
    cross join defaults
)

select * from final
