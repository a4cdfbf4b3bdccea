-- Promise: every tracked offering belongs to the course and term of its section, unless an analyst has named it.
-- If it fails: a section would stand under another subject or in another term.
-- Who acts: operator: stop.
-- depends_on: {{ ref('lms_publish') }}

select offerings.id, offerings.old_course_id
from {{ source('lms', 'course_offerings') }} as offerings
left join {{ edu_table('course') }} as sections on offerings.old_course_id = sections.id
left join {{ ref('int_plan_subjects_mapped') }} as plan_subjects
    on sections.education_plan_subject_id = plan_subjects.legacy_plan_subject_id
left join {{ ref('int_terms_mapped') }} as terms on sections.id = terms.legacy_section_id
left join {{ source('lms', 'courses') }} as courses on offerings.course_id = courses.id
left join {{ source('lms', 'academic_terms') }} as live_terms on offerings.academic_term_id = live_terms.id
where
    offerings.old_course_id is not null
    and {{ live_not_exempt('course_offerings', 'offerings.id') }}
    -- that somebody decided for this offering is on record
    and not exists (
        select 1 from {{ source('ledger', 'crosswalk') }} as decided
        where
            decided.entity = 'course_offerings'
            and decided.method = 'override'
            and decided.legacy_id = offerings.old_course_id
            and decided.live_id = offerings.id
    )
    and (
        sections.id is null
        or courses.code is distinct from plan_subjects.course_code
        or (live_terms.academic_year, live_terms.term_type) is distinct from (terms.academic_year, terms.term_type)
    )
