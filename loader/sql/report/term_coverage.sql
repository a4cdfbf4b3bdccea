-- Per year and semester of edu: how many class sections in scope have their offering, and how many of their enrollments move.
with sections as (
    select
        offerings.legacy_id,
        offerings.outcome,
        offerings.reason,
        coalesce(terms.academic_year, replace(terms.education_year, '/', '-')) as academic_year,
        coalesce(terms.term_type, terms.legacy_semester_id::text) as term_type
    from migration.int_course_offerings_classified as offerings
    left join migration.int_terms_mapped as terms on offerings.legacy_id = terms.legacy_section_id
    where offerings.outcome <> 'out_of_scope'
),

journal as (
    select
        legacy_section_id,
        count(*) as row_count,
        count(live_id) as moving
    from migration.int_course_enrollments_classified
    where outcome <> 'out_of_scope'
    group by legacy_section_id
),

per_section as (
    select legacy_id, academic_year, term_type, min(outcome) as outcome, min(reason) as reason
    from sections
    where reason is distinct from 'duplicate_legacy_id'
    group by legacy_id, academic_year, term_type
)

select
    per_section.academic_year,
    per_section.term_type,
    count(*) as sections,
    count(*) filter (where per_section.outcome in ('matched', 'inserted')) as mapped,
    count(*) filter (where per_section.reason = 'ambiguous_match') as ambiguous,
    count(*) filter (where per_section.outcome = 'rejected' and per_section.reason <> 'ambiguous_match') as unmapped,
    coalesce(sum(journal.row_count), 0)::bigint as enrollments,
    coalesce(sum(journal.moving), 0)::bigint as enrollments_moving
from per_section
left join journal on per_section.legacy_id = journal.legacy_section_id
group by per_section.academic_year, per_section.term_type
order by per_section.academic_year nulls last, per_section.term_type nulls last
