-- Makes: offerings, instructors and enrollments that the earlier attempt moved.
-- section_code is the code cut to 20 characters, which lost the group: that is the puzzle of the roster rule.
insert into public.course_offerings (
    id, course_id, academic_term_id, section_code, language_of_instruction, max_enrollment, current_enrollment,
    waitlist_capacity, delivery_mode, is_published, enrollment_status, created_at, updated_at
)
with
rosters as (
    select
        section_no,
        count(*) as enrolled
    from demo_truth.enrollments
    group by section_no
)

select
    sections.live_id,
    demo_truth.live_id('courses', sections.subject_no),
    demo_truth.live_id('academic_terms', terms.year * 10 + terms.season),
    left(sections.code, 20),
    case sections.language_id when 110000066 then 'en' when 110000067 then 'ru' else 'az' end,
    greatest(coalesce(rosters.enrolled, 0), 30) + case when sections.number % 3 = 0 then 0 else 5 end,
    coalesce(rosters.enrolled, 0),
    0,
    'in_person',
    true,
    'closed',
    timestamptz '2024-07-01 06:00+00',
    timestamptz '2024-07-01 06:00+00'
from demo_truth.sections
inner join demo_truth.terms on terms.term_no = sections.term_no
left join rosters on rosters.section_no = sections.section_no
where sections.is_existing;

insert into public.course_instructors (
    id, course_offering_id, instructor_id, role, assigned_date, created_at, updated_at
)
select
    live_id,
    live_offering_id,
    live_user_id,
    case turn when 1 then 'primary' else 'secondary' end,
    created_at::date,
    timestamptz '2024-07-02 06:00+00',
    timestamptz '2024-07-02 06:00+00'
from demo_truth.teaching
where is_live;

insert into public.course_enrollments (
    id, course_offering_id, student_id, enrollment_date, enrollment_status, created_at, updated_at
)
select
    enrollments.live_id,
    sections.live_id,
    students.live_id,
    sections.start_date,
    'enrolled',
    timestamptz '2024-07-03 06:00+00',
    timestamptz '2024-07-03 06:00+00'
from demo_truth.enrollments
inner join demo_truth.sections on sections.section_no = enrollments.section_no
inner join demo_truth.students on students.student_no = enrollments.student_no;
