-- The same classes per term, for the entities that belong to one. Rows whose term is not known stand under an empty term.
with terms as (
    select legacy_section_id, academic_year, term_type, term_number from migration.int_terms_mapped
),

exams as (
    select distinct on (legacy_id) legacy_id as legacy_exam_id, legacy_section_id
    from migration.int_assessments_classified
    order by legacy_id asc, live_id asc nulls last
),

classified as (
    select 'course_offerings' as entity, legacy_id as legacy_section_id, outcome from migration.int_course_offerings_classified
    union all
    select 'course_instructors', legacy_section_id, outcome from migration.int_course_instructors_classified
    union all
    select 'course_enrollments', legacy_section_id, outcome from migration.int_course_enrollments_classified
    union all
    select 'assessments', legacy_section_id, outcome from migration.int_assessments_classified
    union all
    select 'assessment_submissions', exams.legacy_section_id, submissions.outcome
    from migration.int_assessment_submissions_classified as submissions
    left join exams on submissions.legacy_exam_id = exams.legacy_exam_id
)

select
    classified.entity,
    terms.academic_year,
    terms.term_type,
    count(*) as source_total,
    count(*) filter (where classified.outcome = 'matched') as matched,
    count(*) filter (where classified.outcome = 'inserted') as inserted,
    count(*) filter (where classified.outcome = 'folded') as folded,
    count(*) filter (where classified.outcome = 'rejected') as rejected,
    count(*) filter (where classified.outcome = 'out_of_scope') as out_of_scope
from classified
left join terms on classified.legacy_section_id = terms.legacy_section_id
group by classified.entity, terms.academic_year, terms.term_type, terms.term_number
order by classified.entity, terms.academic_year nulls last, terms.term_number nulls last, terms.term_type
