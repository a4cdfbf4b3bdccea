-- Promise: every student has as many enrollments in lms as active journal rows in edu, less the named rejects.
-- If it fails: enrollments were lost, doubled, or given to another student.
-- Who acts: operator: stop.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

with excused as (
    select legacy_student_id, count(*) as row_count
    from {{ ref('int_course_enrollments_classified') }}
    where (outcome = 'rejected' and reason <> 'duplicate_legacy_id') or reason in ('before_cutoff', 'deleted_in_lms')
    group by legacy_student_id
),

legacy as (
    select student_id as legacy_student_id, count(*) as row_count
    from {{ edu_latest('journal', ['id', 'student_id', 'active']) | indent(4) }} as journal
    where
        active = 1
        and {{ legacy_not_exempt('course_enrollments', 'journal.id') }}
    group by student_id
),

live as (
    select students.legacy_id as legacy_student_id, count(*) as row_count
    from {{ source('lms', 'course_enrollments') }} as enrollments
    inner join {{ source('ledger', 'crosswalk') }} as crosswalk
        on crosswalk.entity = 'course_enrollments' and enrollments.id = crosswalk.live_id
    inner join {{ source('ledger', 'crosswalk') }} as students
        on students.entity = 'students' and enrollments.student_id = students.live_id
    where {{ live_not_exempt('course_enrollments', 'enrollments.id') }}
    group by students.legacy_id
)

select
    coalesce(legacy.legacy_student_id, live.legacy_student_id) as legacy_student_id,
    coalesce(legacy.row_count, 0) as edu_rows,
    coalesce(excused.row_count, 0) as excused_rows,
    coalesce(live.row_count, 0) as live_rows
from legacy
full outer join live on legacy.legacy_student_id = live.legacy_student_id
left join excused on coalesce(legacy.legacy_student_id, live.legacy_student_id) is not distinct from excused.legacy_student_id
where coalesce(legacy.row_count, 0) - coalesce(excused.row_count, 0) <> coalesce(live.row_count, 0)
