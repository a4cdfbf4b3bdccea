-- Grain: one row per person that the migration needs
with classified as (
    select * from {{ ref('int_persons_classified') }} where outcome in ('matched', 'inserted')
),

genders as (
    select legacy_gender_id::bigint as legacy_gender_id, gender from {{ ref('gender_mapping') }}
),

defaults as (
    select
        max(value) filter (where setting = 'person_first_name') as first_name,
        max(value) filter (where setting = 'person_last_name') as last_name
    from {{ ref('defaults') }}
),

final as (
    select
        classified.live_id as id,
        classified.user_id,
        coalesce(classified.first_name, defaults.first_name) as first_name,
        coalesce(classified.last_name, defaults.last_name) as last_name,
        classified.middle_name,
        classified.date_of_birth,
        genders.gender,
        classified.national_id,
        classified.legacy_id as legacy_person_id,
        classified.outcome,
        classified.match_method
    from classified
    left join genders on classified.legacy_gender_id = genders.legacy_gender_id
    cross join defaults
)

select * from final
