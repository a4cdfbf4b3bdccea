-- Makes: assessments and submissions that the earlier attempt moved.
insert into public.assessments (
    id, course_offering_id, title, assessment_type, weight_percentage, total_marks, passing_marks, due_date,
    duration_minutes, rubric, created_at, updated_at
)
select
    live_id,
    live_offering_id,
    jsonb_build_object('az', 'İmtahan', 'en', 'Exam', 'ru', 'Экзамен'),
    'exam',
    50,
    100,
    51,
    exam_date + interval '6 hours',
    90,
    jsonb_build_object('old_exam_id', case when exam_no % 3 = 0 then to_jsonb(id) else to_jsonb(id::text) end),
    timestamptz '2024-07-04 06:00+00',
    timestamptz '2024-07-04 06:00+00'
from demo_truth.exams
where class = 'live';

insert into public.assessment_submissions (
    id, assessment_id, student_id, attempt_number, submission_date, status, created_at, updated_at
)
select
    attempts.live_id,
    exams.live_id,
    students.live_id,
    attempts.attempt_no,
    attempts.create_date,
    'graded',
    timestamptz '2024-07-05 06:00+00',
    timestamptz '2024-07-05 06:00+00'
from demo_truth.attempts
inner join demo_truth.exams on exams.exam_no = attempts.exam_no
inner join demo_truth.students on students.student_no = attempts.student_no
where attempts.is_live;
