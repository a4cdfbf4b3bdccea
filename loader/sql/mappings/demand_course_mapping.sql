-- Plan subjects of the sections; a line is needed where the subject's computed code leads to no one course.
with sections as (
    select legacy_plan_subject_id, count(*) filter (where is_in_scope) as row_count, count(*) as all_rows
    from migration.int_sections_scoped
    where version_place = 1
    group by legacy_plan_subject_id
),

dictionaries as (
    select distinct on (legacy_dictionary_id) legacy_dictionary_id, name_az, name_en, name_ru
    from migration.stg_edu__dictionaries
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
),

subjects as (
    select distinct on (legacy_subject_id) legacy_subject_id, legacy_dictionary_id
    from migration.stg_edu__subjects
    order by legacy_subject_id asc, last_changed_at desc nulls last
)

select
    sections.legacy_plan_subject_id::text as legacy_plan_subject_id,
    sections.row_count,
    sections.all_rows,
    'sections' as unit,
    plan_subjects.legacy_subject_id::text as legacy_subject_id,
    subjects.legacy_subject_id is not null as has_subject,
    'SUBJ' || lpad((plan_subjects.legacy_subject_id % 100000)::text, 5, '0') as computed_code,
    mapped.is_ambiguous,
    coalesce(courses.reason = 'unmapped_subject', false) as has_no_course,
    dictionaries.name_az,
    dictionaries.name_en,
    dictionaries.name_ru
from sections
inner join migration.int_plan_subjects_mapped as plan_subjects
    on sections.legacy_plan_subject_id = plan_subjects.legacy_plan_subject_id
left join subjects on plan_subjects.legacy_subject_id = subjects.legacy_subject_id
left join dictionaries on subjects.legacy_dictionary_id = dictionaries.legacy_dictionary_id
left join migration.int_subjects_mapped as mapped on plan_subjects.legacy_subject_id = mapped.legacy_subject_id
left join migration.int_courses_classified as courses
    on plan_subjects.legacy_subject_id = courses.legacy_id and courses.reason is distinct from 'duplicate_legacy_id'
order by sections.legacy_plan_subject_id
