-- Promise: every tracked enrollment stands in the offering and with the student that its journal row names.
-- If it fails: rows were swapped: counts would not show it.
-- Who acts: operator: stop.
-- depends_on: {{ ref('lms_publish') }}

select enrollments.id, enrollments.old_journal_id
from {{ source('lms', 'course_enrollments') }} as enrollments
left join {{ source('edu_live', 'journal') }} as journal on enrollments.old_journal_id = journal.id
left join {{ source('lms', 'course_offerings') }} as offerings on enrollments.course_offering_id = offerings.id
left join {{ source('ledger', 'crosswalk') }} as students
    on students.entity = 'students' and journal.student_id = students.legacy_id
where
    enrollments.old_journal_id is not null
    and (
        journal.id is null
        or journal.active is distinct from 1
        or offerings.old_course_id is distinct from journal.course_id
        or students.live_id is distinct from enrollments.student_id
    )
