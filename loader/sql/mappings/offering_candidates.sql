-- The sections that could be the counterpart of a live offering for which the evidence names no winner. is_open: this one is held
-- back for it; the others are there for comparison.
with journal as (
    select legacy_section_id, count(*) as journal_rows, count(distinct legacy_student_id) as students
    from migration.stg_edu__journal_entries
    where is_active
    group by legacy_section_id
),

held_back as (
    select legacy_id as legacy_section_id from migration.int_course_offerings_matched where is_ambiguous
),

undecided as (
    select distinct candidates.course_offering_id
    from migration.int_offering_candidates_scored as candidates
    inner join held_back on candidates.legacy_section_id = held_back.legacy_section_id
    left join migration.int_course_offerings_matched as matched on candidates.course_offering_id = matched.live_id
    where matched.live_id is null
)

select
    candidates.course_offering_id::text as live_offering_id,
    candidates.legacy_section_id::text as legacy_course_id,
    held_back.legacy_section_id is not null as is_open,
    candidates.overlap::double precision as overlap,
    candidates.shared_students,
    candidates.roster_size,
    offerings.section_code as live_code,
    sections.section_code as legacy_code,
    coalesce(journal.journal_rows, 0) as journal_rows,
    coalesce(journal.students, 0) as students
from undecided
inner join migration.int_offering_candidates_scored as candidates on undecided.course_offering_id = candidates.course_offering_id
inner join migration.stg_lms__course_offerings as offerings on candidates.course_offering_id = offerings.course_offering_id
inner join migration.int_sections_scoped as sections
    on candidates.legacy_section_id = sections.legacy_section_id and sections.version_place = 1
left join journal on candidates.legacy_section_id = journal.legacy_section_id
left join held_back on candidates.legacy_section_id = held_back.legacy_section_id
order by candidates.course_offering_id asc, candidates.overlap desc, candidates.legacy_section_id asc
