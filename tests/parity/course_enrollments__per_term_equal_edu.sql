-- Promise: every term has as many enrollments in lms as its sections have active journal rows in edu, less the named rejects.
-- If it fails: enrollments stand in another term than edu says.
-- Who acts: operator: stop.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

with excused as (
    select legacy_section_id, count(*) as row_count
    from {{ ref('int_course_enrollments_classified') }}
    where (outcome = 'rejected' and reason <> 'duplicate_legacy_id') or reason in ('before_cutoff', 'deleted_in_lms')
    group by legacy_section_id
),

per_section as (
    select course_id as legacy_section_id, count(*) as row_count
    from {{ edu_latest('journal', ['id', 'course_id', 'active']) | indent(4) }} as journal
    where
        active = 1
        and {{ legacy_not_exempt('course_enrollments', 'journal.id') }}
    group by course_id
),

-- where an analyst has named the offering, the term is the one where it stands
decided as (
    select crosswalk.legacy_id as legacy_section_id, terms.academic_year, terms.term_type
    from {{ source('ledger', 'crosswalk') }} as crosswalk
    inner join {{ source('lms', 'course_offerings') }} as offerings on crosswalk.live_id = offerings.id
    inner join {{ source('lms', 'academic_terms') }} as terms on offerings.academic_term_id = terms.id
    where crosswalk.entity = 'course_offerings' and crosswalk.method = 'override'
),

legacy as (
    select
        coalesce(decided.academic_year, terms.academic_year) as academic_year,
        coalesce(decided.term_type, terms.term_type) as term_type,
        sum(per_section.row_count - coalesce(excused.row_count, 0)) as row_count
    from per_section
    left join excused on per_section.legacy_section_id is not distinct from excused.legacy_section_id
    left join {{ ref('int_terms_mapped') }} as terms on per_section.legacy_section_id = terms.legacy_section_id
    left join decided on per_section.legacy_section_id = decided.legacy_section_id
    group by coalesce(decided.academic_year, terms.academic_year), coalesce(decided.term_type, terms.term_type)
    having sum(per_section.row_count - coalesce(excused.row_count, 0)) > 0
),

live as (
    select terms.academic_year, terms.term_type, count(*) as row_count
    from {{ source('lms', 'course_enrollments') }} as enrollments
    inner join {{ source('ledger', 'crosswalk') }} as crosswalk
        on crosswalk.entity = 'course_enrollments' and enrollments.id = crosswalk.live_id
    inner join {{ source('lms', 'course_offerings') }} as offerings on enrollments.course_offering_id = offerings.id
    inner join {{ source('lms', 'academic_terms') }} as terms on offerings.academic_term_id = terms.id
    where {{ live_not_exempt('course_enrollments', 'enrollments.id') }}
    group by terms.academic_year, terms.term_type
)

select
    coalesce(legacy.academic_year, live.academic_year) as academic_year,
    coalesce(legacy.term_type, live.term_type) as term_type,
    coalesce(legacy.row_count, 0) as edu_rows,
    coalesce(live.row_count, 0) as live_rows
from legacy
full outer join live on legacy.academic_year = live.academic_year and legacy.term_type = live.term_type
where coalesce(legacy.row_count, 0) <> coalesce(live.row_count, 0)
