-- Makes: exam and exam_student of edu.
insert into public.exam (
    id, course_id, start_date, start_time, end_time, duration, passing_grade, type_id, active, create_date
)
select
    id,
    case when class = 'unused' and exam_no % 4 = 0 then null else course_id end,
    case demo_truth.pick(exam_no, 521, 60)
        when 0 then ''
        when 1 then '31/06/2021'
        when 2 then null
        else to_char(exam_date, 'DD/MM/YYYY')
    end,
    case demo_truth.pick(exam_no, 522, 40) when 0 then '' when 1 then null when 2 then '25:70' else '1' || exam_no % 8 || ':00' end,
    case when exam_no % 9 > 0 then '1' || exam_no % 8 + 1 || ':30' end,
    case when exam_no % 33 = 5 then null else 90 end,
    case demo_truth.pick(exam_no, 523, 50) when 0 then null when 1 then 500 else 51 end,
    110000171 + exam_no % 3,
    case when class in ('live', 'new') then 1 when exam_no % 5 > 0 then 0 end,
    created_at
from demo_truth.exams;

insert into public.exam_student (id, exam_id, student_id, finish_status, active, create_date, update_date)
select
    attempts.id,
    exams.id,
    students.id,
    case demo_truth.pick(attempts.id, 531, 30) when 0 then null when 1 then 1 when 2 then 3 else 2 end,
    1,
    attempts.create_date,
    case when demo_truth.pick(attempts.id, 532, 3) = 0 then attempts.create_date + interval '3 hours' end
from demo_truth.attempts
inner join demo_truth.exams on exams.exam_no = attempts.exam_no
inner join demo_truth.students on students.student_no = attempts.student_no;

insert into public.exam_student (id, exam_id, student_id, finish_status, active, create_date)
select
    demo_truth.legacy_id(dated.at, 10, 5000000000 + n),
    case when n % 30 = 0 then null when n % 30 = 1 then demo_truth.legacy_id(dated.at, 8, 7000000000 + n) else exams.id end,
    case when n % 40 = 0 then null when n % 40 = 1 then demo_truth.legacy_id(dated.at, 3, 7000000000 + n) else students.id end,
    1 + n % 3,
    case when n % 7 > 0 then 0 end,
    dated.at
from demo.sizes
cross join generate_series(1, sizes.attempts_inactive) as n
cross join lateral (values (timestamptz '2016-02-01 08:00+00' + demo_truth.pick(n, 541, 3300) * interval '1 day')) as dated (at)
inner join demo_truth.exams on exams.exam_no = 1 + demo_truth.pick(n, 542, sizes.exams)
inner join demo_truth.students on students.student_no = 1 + demo_truth.pick(n, 543, sizes.students);
