-- Sections in scope that no line of a seed file can give a term, a course or a language: edu itself lacks the value.
with sections as (
    select * from migration.int_sections_scoped where version_place = 1 and is_in_scope
)

select
    'sections without year or semester, neither in their columns nor in their code' as what,
    count(*) as row_count,
    'fill in education_year_id and semester_id of course in edu' as repair
from sections
inner join migration.int_terms_mapped as terms on sections.legacy_section_id = terms.legacy_section_id
where terms.term_source is null
union all
select
    'sections whose plan subject is empty or does not exist in edu',
    count(*),
    'correct education_plan_subject_id of course in edu'
from sections
left join migration.int_plan_subjects_mapped as plan_subjects
    on sections.legacy_plan_subject_id = plan_subjects.legacy_plan_subject_id
where plan_subjects.legacy_plan_subject_id is null
union all
select
    'sections without a language',
    count(*),
    'fill in education_lang_id of course in edu'
from sections
where sections.legacy_language_id is null
