-- Grain: one row per teacher
with classified as (
    select * from {{ ref('int_staff_members_classified') }} where outcome in ('matched', 'inserted')
),

dictionaries as (
    select distinct on (legacy_dictionary_id) *
    from {{ ref('stg_edu__dictionaries') }}
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
),

employment_types as (
    select * from {{ ref('employment_type_mapping') }}
),

defaults as (
    select
        jsonb_build_object(
            'az', max(value) filter (where setting = 'position_title_az'),
            'en', max(value) filter (where setting = 'position_title_en'),
            'ru', max(value) filter (where setting = 'position_title_ru')
        ) as position_title,
        max(value) filter (where setting = 'staff_hire_date')::date as hire_date
    from {{ ref('defaults') }}
),

final as (
    select
        classified.live_id as id,
        classified.seat_user_id as user_id,
        'TCH' || classified.legacy_id as employee_number,
        case
            when dictionaries.name_az is null then defaults.position_title
            else jsonb_strip_nulls(jsonb_build_object(
                    'az', dictionaries.name_az, 'en', dictionaries.name_en, 'ru', dictionaries.name_ru
                ))
        end as position_title,
        coalesce(employment_types.employment_type, default_type.employment_type) as employment_type,
        coalesce(
            classified.in_action_date,
            (classified.created_at at time zone '{{ var("time_zone") }}')::date,
            defaults.hire_date
        ) as hire_date,
        classified.out_action_date as contract_end_date,
        classified.is_active and coalesce(classified.out_action_date >= {{ as_of_date() }}, true) as is_active,
        classified.legacy_id as legacy_teacher_id,
        classified.outcome,
        classified.match_method
    from classified
    left join dictionaries on classified.legacy_position_id = dictionaries.legacy_dictionary_id
    left join employment_types on classified.legacy_contract_type_id::text = employment_types.legacy_contract_type_id
    left join employment_types as default_type on default_type.legacy_contract_type_id = '*'
    cross join defaults
)

select * from final
