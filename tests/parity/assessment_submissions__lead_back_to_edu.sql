-- Promise: every published submission stands at the assessment and with the student that its exam_student row names.
-- If it fails: rows were lost or swapped.
-- Who acts: operator: stop.
-- depends_on: {{ ref('lms_publish') }}

select crosswalk.legacy_id, crosswalk.live_id
from {{ source('ledger', 'crosswalk') }} as crosswalk
left join {{ source('lms', 'assessment_submissions') }} as submissions on crosswalk.live_id = submissions.id
left join {{ source('edu_live', 'exam_student') }} as attempts on crosswalk.legacy_id = attempts.id
left join {{ source('ledger', 'crosswalk') }} as students
    on students.entity = 'students' and attempts.student_id = students.legacy_id
left join {{ source('ledger', 'crosswalk') }} as exams on exams.entity = 'assessments' and attempts.exam_id = exams.legacy_id
where
    crosswalk.entity = 'assessment_submissions'
    and (
        submissions.id is null
        or submissions.student_id is distinct from students.live_id
        or submissions.assessment_id is distinct from exams.live_id
    )
