-- Values of a column of ids of edu's dictionaries, by how many rows hold each.
with held as (
    select {key} as legacy_dictionary_id, count(*) filter (where {is_in_scope}) as row_count, count(*) as all_rows
    from {model}
    group by {key}
),

dictionaries as (
    select distinct on (legacy_dictionary_id) legacy_dictionary_id, name_az, name_en, name_ru
    from migration.stg_edu__dictionaries
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
)

select
    held.legacy_dictionary_id::text as {key},
    held.row_count,
    held.all_rows,
    {unit} as unit,
    dictionaries.name_az,
    dictionaries.name_en,
    dictionaries.name_ru
from held
left join dictionaries on held.legacy_dictionary_id = dictionaries.legacy_dictionary_id
order by held.legacy_dictionary_id
