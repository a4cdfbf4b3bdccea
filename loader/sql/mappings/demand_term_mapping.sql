-- Year and semester of the sections, as their columns or their code name them; with the days on which these sections were made.
with held as (
    select
        terms.education_year,
        terms.legacy_semester_id,
        count(*) filter (where sections.is_in_scope) as row_count,
        count(*) as all_rows,
        min(sections.created_at)::date as first_day,
        max(sections.created_at)::date as last_day
    from migration.int_terms_mapped as terms
    inner join migration.int_sections_scoped as sections
        on terms.legacy_section_id = sections.legacy_section_id and sections.version_place = 1
    where terms.term_source is not null
    group by terms.education_year, terms.legacy_semester_id
),

dictionaries as (
    select distinct on (legacy_dictionary_id) legacy_dictionary_id, name_az, name_en, name_ru
    from migration.stg_edu__dictionaries
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
)

select
    held.education_year as legacy_education_year,
    held.legacy_semester_id::text as legacy_semester_id,
    held.row_count,
    held.all_rows,
    'sections' as unit,
    held.first_day::text as first_day,
    held.last_day::text as last_day,
    dictionaries.name_az,
    dictionaries.name_en,
    dictionaries.name_ru
from held
left join dictionaries on held.legacy_semester_id = dictionaries.legacy_dictionary_id
order by held.education_year, held.legacy_semester_id
