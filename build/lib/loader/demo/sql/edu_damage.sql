-- Makes (only with --damaged): the rows of edu that cannot be migrated; demo.demo_expected_rejects counts them.
insert into public.edu_years (id, name, start_date, end_date, order_by, active, create_date)
values (100601010000000001, '2008/2009', '15/09/2008', '30/06/2009', 0, 1, timestamptz '2010-06-01 06:00+00');

-- two active subjects whose ids share their last five digits: 00000, which no other subject has
insert into public.subject_catalog (id, subject_name_id, organization_id, active, create_date)
select
    130101060000000000 + n * 100000,
    110499000 + n,
    null,
    1,
    timestamptz '2013-01-01 06:00+00'
from generate_series(1, 2) as n;

insert into public.dictionaries (id, type_id, name_az, name_en, name_ru, active, create_date)
select
    110499000 + n,
    110000030,
    'Toqquşan fənn ' || n,
    'Colliding subject ' || n,
    'Спорный предмет ' || n,
    1,
    timestamptz '2013-01-01 06:00+00'
from generate_series(1, 2) as n;

insert into public.education_plan_subject (id, subject_id, subject_group_id, code, active, create_date)
select
    130101050000000000 + 9000000000 + n,
    130101060000000000 + n * 100000,
    110000400,
    'ZF-B99.' || n,
    1,
    timestamptz '2013-01-01 06:00+00'
from generate_series(1, 2) as n;

insert into public.course (
    id, code, education_plan_subject_id, semester_id, education_year_id, education_lang_id, education_type_id,
    m_hours, student_count, active, create_date
)
select
    damaged_sections.id,
    case
        when section_no = 1 then null
        when section_no = 2 then 'Qrup 5'
        when flaw = 'unknown year' then '2008/2009_PY_ZF-B01.1_' || section_no
        when flaw = 'same roster' then '2022/2023_PY_ZZ- A01.1_' || section_no
        when flaw = 'half roster' then '2022/2023_PY_ZZ- A02.1_' || section_no
        else '2022/2023_PY_ZF-B0' || section_no % 10 || '.1_' || section_no
    end,
    case
        when flaw = 'no plan' then null
        when flaw = 'missing plan' then 130101050000000000 + 9900000000 + section_no
        when flaw = 'collision' then 130101050000000000 + 9000000000 + section_no - 8
        else plans.id
    end,
    case when flaw <> 'no term' then 110000135 end,
    case when flaw = 'unknown year' then 100601010000000001 when flaw <> 'no term' then years.id end,
    case when flaw <> 'no language' then 110000065 end,
    110000101,
    30,
    students,
    1,
    damaged_sections.created_at
from demo_truth.damaged_sections
inner join demo_truth.years on years.year = 2022
inner join demo_truth.plans on plans.plan_no = 20;

insert into public.journal (id, course_id, student_id, course_eva_id, point, active, create_date)
select
    demo_truth.legacy_id(damaged_sections.created_at + interval '40 days', 24, damaged_rosters.n * 10 + component),
    damaged_sections.id,
    students.id,
    110000180 + component,
    '75',
    1,
    damaged_sections.created_at + interval '40 days'
from demo_truth.damaged_rosters
inner join demo_truth.damaged_sections on damaged_sections.section_no = damaged_rosters.section_no
inner join demo_truth.students on students.student_no = damaged_rosters.student_no
cross join lateral generate_series(1, case when damaged_sections.students = 3 then 2 else 1 end) as component;

-- rows 1 to 12 lack their student, rows 13 to 22 their section; the other side of each is sound
insert into public.journal (id, course_id, student_id, course_eva_id, point, active, create_date)
with
sound as (
    select
        id,
        created_at,
        row_number() over (order by section_no desc) as n
    from demo_truth.sections
    where not is_existing and not is_inactive
)

select
    demo_truth.legacy_id(sound.created_at + interval '50 days', 25, sound.n),
    case when sound.n <= 12 then sound.id when sound.n > 16 then demo_truth.legacy_id(sound.created_at, 7, 9500000000 + sound.n) end,
    case when sound.n > 12 then students.id when sound.n > 5 then demo_truth.legacy_id(sound.created_at, 3, 9500000000 + sound.n) end,
    110000185,
    '80',
    1,
    sound.created_at + interval '50 days'
from sound
inner join demo_truth.students on students.student_no = 300 + sound.n
where sound.n <= 22;

-- three students and two teachers without a person, and the marks of these students
insert into public.students (id, person_id, card_number, active, create_date)
select
    220901030000000000 + 9000000000 + n,
    case when n > 1 then 220901150000000000 + 9000000000 + n end,
    'D0000000' || n,
    1,
    timestamptz '2022-09-01 06:00+00'
from generate_series(1, 3) as n;

insert into public.teachers (id, person_id, in_action_date, active, create_date)
select
    220901040000000000 + 9000000000 + n,
    case when n > 1 then 220901160000000000 + 9000000000 + n end,
    '01/09/2022',
    1,
    timestamptz '2022-09-01 06:00+00'
from generate_series(1, 2) as n;

insert into public.journal (id, course_id, student_id, course_eva_id, point, active, create_date)
with
sound as (
    select
        id,
        created_at,
        row_number() over (order by section_no desc) as n
    from demo_truth.sections
    where not is_existing and not is_inactive
)

select
    demo_truth.legacy_id(sound.created_at + interval '50 days', 26, sound.n * 10 + component),
    sound.id,
    220901030000000000 + 9000000000 + sound.n,
    110000180 + component,
    '90',
    1,
    sound.created_at + interval '50 days'
from sound
cross join generate_series(1, 2) as component
where sound.n <= 3;

insert into public.course_teacher (id, course_id, teacher_id, lesson_type_id, active, create_date)
select
    demo_truth.legacy_id(damaged_sections.created_at, 12, 9000000000 + section_no),
    damaged_sections.id,
    logins.member_id,
    110000111,
    1,
    damaged_sections.created_at
from demo_truth.damaged_sections
inner join demo_truth.logins on logins.role = 'teacher' and logins.number = 10
where section_no = 5;

-- an exam of a rejected section with two attempts
insert into public.exam (id, course_id, start_date, duration, passing_grade, type_id, active, create_date)
select
    demo_truth.legacy_id(created_at, 8, 9000000001),
    id,
    '20/01/2023',
    90,
    51,
    110000172,
    1,
    created_at
from demo_truth.damaged_sections
where section_no = 1;

-- rows 1 and 2 are those attempts, 3 to 9 lack their exam, 10 to 12 their student
insert into public.exam_student (id, exam_id, student_id, finish_status, active, create_date)
select
    demo_truth.legacy_id(timestamptz '2023-01-20 06:00+00', 9, 9000000000 + n),
    case
        when n <= 2 then demo_truth.legacy_id(damaged_sections.created_at, 8, 9000000001)
        when n <= 5 then null
        when n <= 9 then demo_truth.legacy_id(timestamptz '2023-01-20 06:00+00', 8, 9500000000 + n)
        else exams.id
    end,
    case
        when n <= 9 then students.id
        when n = 12 then demo_truth.legacy_id(timestamptz '2023-01-20 06:00+00', 3, 9500000000 + n)
    end,
    2,
    1,
    timestamptz '2023-01-20 06:00+00'
from generate_series(1, 12) as n
inner join demo_truth.damaged_sections on damaged_sections.section_no = 1
inner join demo_truth.students on students.student_no = 330 + n
inner join demo_truth.exams on exams.exam_no = n;

-- four rows whose id is there twice; the copy was changed a day earlier, so it is the one that stays behind
insert into public.exam_student (id, exam_id, student_id, finish_status, active, create_date, update_date)
select
    exam_student.id,
    exam_student.exam_id,
    exam_student.student_id,
    1,
    1,
    exam_student.create_date,
    exam_student.update_date - interval '1 day'
from public.exam_student
inner join demo_truth.attempts on attempts.id = exam_student.id
where not attempts.is_live and exam_student.update_date is not null
order by exam_student.id
limit 4;
