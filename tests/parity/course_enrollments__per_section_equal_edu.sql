-- Promise: every published section has as many enrollments in lms as it has active journal rows in edu, less the named rejects.
-- If it fails: enrollments were lost, doubled, or moved between sections.
-- Who acts: operator: stop.
-- depends_on: {{ ref('lms_publish') }}

with excused as (
    select legacy_section_id, count(*) as row_count
    from {{ ref('int_course_enrollments_classified') }}
    where (outcome = 'rejected' and reason <> 'duplicate_legacy_id') or reason in ('before_cutoff', 'deleted_in_lms')
    group by legacy_section_id
),

legacy as (
    select journal.course_id as legacy_section_id, count(*) as row_count
    from {{ edu_latest('journal', ['id', 'course_id', 'active']) | indent(4) }} as journal
    inner join {{ source('ledger', 'crosswalk') }} as sections
        on sections.entity = 'course_offerings' and journal.course_id = sections.legacy_id
    where
        journal.active = 1
        and {{ legacy_not_exempt('course_enrollments', 'journal.id') }}
    group by journal.course_id
),

live as (
    select offerings.old_course_id as legacy_section_id, count(*) as row_count
    from {{ source('lms', 'course_enrollments') }} as enrollments
    inner join {{ source('ledger', 'crosswalk') }} as crosswalk
        on crosswalk.entity = 'course_enrollments' and enrollments.id = crosswalk.live_id
    inner join {{ source('lms', 'course_offerings') }} as offerings on enrollments.course_offering_id = offerings.id
    where {{ live_not_exempt('course_enrollments', 'enrollments.id') }}
    group by offerings.old_course_id
)

select
    coalesce(legacy.legacy_section_id, live.legacy_section_id) as legacy_section_id,
    coalesce(legacy.row_count, 0) as edu_rows,
    coalesce(excused.row_count, 0) as excused_rows,
    coalesce(live.row_count, 0) as live_rows
from legacy
full outer join live on legacy.legacy_section_id = live.legacy_section_id
left join excused on coalesce(legacy.legacy_section_id, live.legacy_section_id) is not distinct from excused.legacy_section_id
where coalesce(legacy.row_count, 0) - coalesce(excused.row_count, 0) <> coalesce(live.row_count, 0)
