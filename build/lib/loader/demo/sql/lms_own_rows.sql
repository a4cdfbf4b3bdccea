-- Makes: what the application did on its own: an offering of its own course in a term that edu does not know,
-- with 25 enrollments, one assessment and some submissions; grades; and the history in its older audit log.
insert into public.course_offerings (
    id, course_id, academic_term_id, section_code, language_of_instruction, max_enrollment, current_enrollment,
    is_published, enrollment_status, created_at, updated_at
)
select
    demo_truth.live_id('own offerings', 1),
    demo_truth.live_id('own courses', 1),
    demo_truth.live_id('academic_terms', 20251),
    'A',
    'az',
    40,
    25,
    true,
    'open',
    timestamptz '2025-09-01 06:00+00',
    timestamptz '2025-09-01 06:00+00';

insert into public.course_enrollments (
    id, course_offering_id, student_id, enrollment_date, enrollment_status, created_at, updated_at
)
select
    demo_truth.live_id('own enrollments', n),
    demo_truth.live_id('own offerings', 1),
    demo_truth.live_id('student', n * 20),
    date '2025-09-15',
    'enrolled',
    timestamptz '2025-09-15 06:00+00',
    timestamptz '2025-09-15 06:00+00'
from generate_series(1, 25) as n;

insert into public.assessments (
    id, course_offering_id, title, assessment_type, weight_percentage, total_marks, passing_marks, created_at, updated_at
)
select
    demo_truth.live_id('own assessments', 1),
    demo_truth.live_id('own offerings', 1),
    jsonb_build_object('az', 'Sınaq', 'en', 'Quiz'),
    'quiz',
    10,
    20,
    10,
    timestamptz '2025-10-01 06:00+00',
    timestamptz '2025-10-01 06:00+00';

insert into public.assessment_submissions (
    id, assessment_id, student_id, attempt_number, submission_date, status, created_at, updated_at
)
select
    demo_truth.live_id('own submissions', n),
    demo_truth.live_id('own assessments', 1),
    demo_truth.live_id('student', n * 20),
    1,
    timestamptz '2025-10-10 06:00+00',
    'submitted',
    timestamptz '2025-10-10 06:00+00',
    timestamptz '2025-10-10 06:00+00'
from generate_series(1, 6) as n;

insert into public.grades (id, student_id, course_offering_id, grade_value, letter_grade, is_final, created_at, updated_at)
select
    demo_truth.live_id('grades', row_number() over (order by course_enrollments.id)),
    course_enrollments.student_id,
    course_enrollments.course_offering_id,
    51 + demo_truth.pick(row_number() over (order by course_enrollments.id), 821, 50),
    'B',
    false,
    timestamptz '2025-01-20 06:00+00',
    timestamptz '2025-01-20 06:00+00'
from public.course_enrollments
order by course_enrollments.id
limit 200;

insert into public.audit_logs (
    id, user_id, action, resource_type, resource_id, old_values, new_values, ip_address, user_agent, session_id, created_at
)
select
    demo_truth.live_id('audit_logs', n),
    case when n % 9 > 0 then demo_truth.live_id('users:student', 1 + n % 400) end,
    demo_truth.one_of(array['login', 'update', 'create', 'logout'], n, 831),
    demo_truth.one_of(array['users', 'course_enrollments', 'students'], n, 832),
    demo_truth.live_id('student', 1 + n % 400)::text,
    null,
    case when n % 4 = 0 then jsonb_build_object('status', 'active') end,
    ('10.0.' || n % 200 || '.' || 1 + n % 250)::inet,
    'Mozilla/5.0 (demonstration)',
    md5('session' || n / 3),
    timestamptz '2025-02-01 06:00+00' + n * interval '37 minutes'
from generate_series(1, 400) as n;
