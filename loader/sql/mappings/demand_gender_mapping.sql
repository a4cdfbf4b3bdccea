-- Genders of persons.
with held as (
    select legacy_gender_id, count(*) filter (where is_active) as row_count, count(*) as all_rows
    from migration.stg_edu__persons
    group by legacy_gender_id
),

dictionaries as (
    select distinct on (legacy_dictionary_id) legacy_dictionary_id, name_az, name_en, name_ru
    from migration.stg_edu__dictionaries
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
)

select
    held.legacy_gender_id::text as legacy_gender_id,
    held.row_count,
    held.all_rows,
    'persons' as unit,
    dictionaries.name_az,
    dictionaries.name_en,
    dictionaries.name_ru
from held
left join dictionaries on held.legacy_gender_id = dictionaries.legacy_dictionary_id
order by held.legacy_gender_id
