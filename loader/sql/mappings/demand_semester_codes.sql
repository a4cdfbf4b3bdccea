-- Second fields of the sections' codes; they decide where the section has no semester of its own.
with held as (
    select
        code_semester,
        count(*) filter (where is_in_scope and legacy_semester_id is null) as row_count,
        count(*) as all_rows
    from migration.int_sections_scoped
    where version_place = 1 and code_semester is not null
    group by code_semester
),

dictionaries as (
    select distinct on (upper(btrim(code))) upper(btrim(code)) as code, id, name_az, name_en, name_ru
    from staging.dictionaries
    where active = 1
    order by upper(btrim(code)), id
)

select
    held.code_semester,
    held.row_count,
    held.all_rows,
    'sections' as unit,
    dictionaries.id::text as dictionary_id,
    dictionaries.name_az,
    dictionaries.name_en,
    dictionaries.name_ru
from held
left join dictionaries on held.code_semester = dictionaries.code
order by held.code_semester
