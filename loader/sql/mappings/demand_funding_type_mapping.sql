-- Who pays for students.
with held as (
    select legacy_payment_type_id, count(*) filter (where is_active) as row_count, count(*) as all_rows
    from migration.stg_edu__students
    group by legacy_payment_type_id
),

dictionaries as (
    select distinct on (legacy_dictionary_id) legacy_dictionary_id, name_az, name_en, name_ru
    from migration.stg_edu__dictionaries
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
)

select
    held.legacy_payment_type_id::text as legacy_payment_type_id,
    held.row_count,
    held.all_rows,
    'students' as unit,
    dictionaries.name_az,
    dictionaries.name_en,
    dictionaries.name_ru
from held
left join dictionaries on held.legacy_payment_type_id = dictionaries.legacy_dictionary_id
order by held.legacy_payment_type_id
