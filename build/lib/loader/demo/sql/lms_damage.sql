-- Makes (only with --damaged): two live offerings for which no roster names a winner among two sections each.
insert into public.course_offerings (
    id, course_id, academic_term_id, section_code, language_of_instruction, max_enrollment, current_enrollment,
    is_published, enrollment_status, created_at, updated_at
)
select
    demo_truth.live_id('undecided offerings', n),
    demo_truth.live_id('courses', plans.subject_no),
    demo_truth.live_id('academic_terms', 20221),
    '2022/2023_PY_ZZ- A0' || n,
    'az',
    30,
    10,
    true,
    'closed',
    timestamptz '2024-07-01 06:00+00',
    timestamptz '2024-07-01 06:00+00'
from generate_series(1, 2) as n
inner join demo_truth.plans on plans.plan_no = 20;

insert into public.course_enrollments (
    id, course_offering_id, student_id, enrollment_date, enrollment_status, created_at, updated_at
)
select
    demo_truth.live_id('undecided enrollments', n * 100 + turn),
    demo_truth.live_id('undecided offerings', n),
    demo_truth.live_id('student', 180 + n * 20 + turn),
    date '2022-09-15',
    'enrolled',
    timestamptz '2024-07-03 06:00+00',
    timestamptz '2024-07-03 06:00+00'
from generate_series(1, 2) as n
cross join generate_series(1, 10) as turn;
