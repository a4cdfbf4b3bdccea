-- Promise: every tracked enrollment stands in the offering and with the student that its journal row names.
-- If it fails: rows were swapped: counts would not show it.
-- Who acts: operator: stop.
-- depends_on: {{ ref('lms_publish') }}

select enrollments.id, enrollments.old_journal_id
from {{ source('lms', 'course_enrollments') }} as enrollments
where
    enrollments.old_journal_id is not null
    and {{ live_not_exempt('course_enrollments', 'enrollments.id') }}
    and {{ live_not_exempt('course_offerings', 'enrollments.course_offering_id') }}
    and not exists (
        select 1
        from {{ edu_table('journal') }} as journal
        inner join {{ source('lms', 'course_offerings') }} as offerings on journal.course_id = offerings.old_course_id
        inner join {{ source('ledger', 'crosswalk') }} as students
            on students.entity = 'students' and journal.student_id = students.legacy_id
        where
            journal.active = 1
            and journal.id = enrollments.old_journal_id
            and offerings.id = enrollments.course_offering_id
            and students.live_id = enrollments.student_id
    )
