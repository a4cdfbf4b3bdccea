-- Active journal rows of the sections that lack a term or a course: what depends on a line.
select
    terms.education_year,
    terms.legacy_semester_id::text as legacy_semester_id,
    sections.legacy_plan_subject_id::text as legacy_plan_subject_id,
    count(*) as journal_rows
from migration.int_sections_scoped as sections
inner join migration.stg_edu__journal_entries as journal
    on sections.legacy_section_id = journal.legacy_section_id and journal.is_active
left join migration.int_terms_mapped as terms on sections.legacy_section_id = terms.legacy_section_id
where sections.version_place = 1 and sections.is_in_scope
group by 1, 2, 3
