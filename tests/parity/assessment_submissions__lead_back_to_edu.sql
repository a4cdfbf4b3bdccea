-- Promise: every published submission stands at the assessment and with the student that its exam_student row names.
-- If it fails: rows were lost or swapped.
-- Who acts: operator: stop.
-- depends_on: {{ ref('lms_publish') }}

select crosswalk.legacy_id, crosswalk.live_id
from {{ source('ledger', 'crosswalk') }} as crosswalk
where
    crosswalk.entity = 'assessment_submissions'
    and {{ live_not_exempt('assessment_submissions', 'crosswalk.live_id') }}
    and not exists (
        select 1
        from {{ edu_table('exam_student') }} as attempts
        inner join {{ source('ledger', 'crosswalk') }} as students
            on students.entity = 'students' and attempts.student_id = students.legacy_id
        inner join {{ source('ledger', 'crosswalk') }} as exams
            on exams.entity = 'assessments' and attempts.exam_id = exams.legacy_id
        inner join {{ source('lms', 'assessment_submissions') }} as submissions
            on students.live_id = submissions.student_id and exams.live_id = submissions.assessment_id
        where attempts.active = 1 and attempts.id = crosswalk.legacy_id and submissions.id = crosswalk.live_id
    )
