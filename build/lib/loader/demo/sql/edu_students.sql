-- Makes: students and teachers of edu.
insert into public.students (
    id, person_id, user_id, org_id, education_line_id, education_type_id, education_payment_type_id,
    education_lang_id, score, card_number, status, active, create_date, create_user_id, update_date
)
select
    id,
    person_id,
    user_id,
    demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, 11 + demo_truth.pick(student_no, 141, 40)),
    case when student_no % 8 = 0 then 110000142 else 110000141 end,
    case
        when student_no % 90 = 4 then null
        when student_no % 7 = 0 then 110000102
        when student_no % 113 = 0 then 110000103
        else 110000101
    end,
    case
        when student_no % 80 = 6 then null
        when demo_truth.pick(student_no, 142, 20) = 0 then 110000123
        when demo_truth.pick(student_no, 142, 20) < 9 then 110000121
        else 110000122
    end,
    110000065 + greatest(0, demo_truth.pick(student_no, 143, 10) - 7),
    case when student_no % 50 = 8 then '' when student_no % 50 = 9 then null else (200 + demo_truth.pick(student_no, 144, 500))::text end,
    card_number,
    case when cohort < 2020 then 110000192 else 110000191 end,
    case when class <> 'unused' then 1 when student_no % 4 > 0 then 0 end,
    created_at,
    null,
    case when demo_truth.pick(student_no, 145, 3) = 0 then created_at + demo_truth.pick(student_no, 146, 600) * interval '1 day' end
from demo_truth.students;

insert into public.teachers (
    id, person_id, user_id, in_action_date, out_action_date, organization_id, staff_type_id, position_id,
    contract_type_id, teaching, card_number, active, create_date, create_user_id
)
select
    member_id,
    person_id,
    case
        when not has_users and lack_rank % 2 = 0 then null
        when not has_users then demo_truth.legacy_id(created_at, 14, 5000000000 + number)
        when rank % 20 = 5 then null
        else first_user_id
    end,
    case
        when rank % 20 = 3 then ''
        when rank % 20 = 4 then '31/02/2015'
        else to_char(created_at - interval '20 days', 'DD/MM/YYYY')
    end,
    case
        when rank % 20 in (1, 11) then ''
        when rank % 20 = 2 then to_char(created_at + interval '300 days', 'DD/MM/YYYY')
        when rank % 20 = 6 then '30.02.2019'
    end,
    demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, 1 + demo_truth.pick(number, 151, 56)),
    110000161,
    case when number % 45 = 7 then null else 110000151 + demo_truth.pick(number, 152, 5) end,
    110000161 + demo_truth.pick(number, 153, 3),
    1,
    'T' || lpad(number::text, 6, '0'),
    case when class <> 'unused' then 1 when number % 4 > 0 then 0 end,
    created_at,
    null
from demo_truth.logins
where role = 'teacher';
