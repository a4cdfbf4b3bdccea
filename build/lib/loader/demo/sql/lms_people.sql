-- Makes: users, persons, students and staff of lms. The last twelve users are the application's own.
-- Keys in metadata are numbers in some rows and strings in others, and some rows have only one of the two.
insert into public.users (
    id, username, email, email_verified, password_hash, is_active, is_locked, last_login_at, metadata, created_at, updated_at
)
select
    live_user_id,
    username,
    username || '@demo.example',
    position % 2 = 0,
    '$2b$12$' || md5('hash' || position) || left(md5('salt' || position), 21),
    class <> 'unused',
    false,
    case when position % 3 = 0 then timestamptz '2025-01-10 06:00+00' + demo_truth.pick(position, 811, 200) * interval '1 day' end,
    case
        when has_users and position % 17 <> 0
            then jsonb_build_object(
                'old_user_id',
                case when position % 3 = 0 then to_jsonb(first_user_id) else to_jsonb(first_user_id::text) end
            )
        else '{}'::jsonb
    end
    || case
        when has_users and position % 19 = 0 and position % 17 <> 0 then '{}'::jsonb
        else jsonb_build_object(
            'old_account_id',
            case when position % 5 = 0 then to_jsonb(account_id) else to_jsonb(account_id::text) end
        )
    end,
    timestamptz '2024-06-10 06:00+00' + position * interval '1 second',
    timestamptz '2024-06-10 06:00+00' + position * interval '1 second'
from demo_truth.logins
where is_live
union all
select
    demo_truth.live_id('own users', n),
    'app.staff' || n,
    'app.staff' || n || '@lms.example',
    true,
    '$2b$12$' || md5('own' || n) || left(md5('ownsalt' || n), 21),
    true,
    false,
    timestamptz '2025-09-01 06:00+00',
    '{}'::jsonb,
    timestamptz '2025-08-01 06:00+00',
    timestamptz '2025-08-01 06:00+00'
from demo.sizes
cross join generate_series(1, sizes.own_users) as n;

insert into public.persons (
    id, user_id, first_name, last_name, middle_name, date_of_birth, gender, national_id, created_at, updated_at
)
select
    live_person_id,
    live_user_id,
    first_name,
    last_name,
    father_name,
    birth_date,
    case when is_male then 'male' else 'female' end,
    null,
    timestamptz '2024-06-10 07:00+00',
    timestamptz '2024-06-10 07:00+00'
from demo_truth.logins
where is_live
union all
select
    demo_truth.live_id('own persons', n),
    demo_truth.live_id('own users', n),
    'İşçi',
    'Tətbiqov ' || n,
    null,
    null,
    'prefer_not_to_say',
    null,
    timestamptz '2025-08-01 06:00+00',
    timestamptz '2025-08-01 06:00+00'
from demo.sizes
cross join generate_series(1, sizes.own_users) as n;

insert into public.students (
    id, user_id, student_number, enrollment_date, status, study_mode, funding_type, gpa, total_credits_earned, metadata,
    created_at, updated_at
)
select
    live_id,
    -- some of those without a key are not tied to their user either: only the card number is left
    case when not lacks_user then live_user_id end,
    case
        when rank = 50 or card_number is null or btrim(card_number) = '' then 'STU' || id
        else btrim(card_number)
    end,
    created_at::date,
    case when cohort < 2020 then 'graduated' else 'active' end,
    case when student_no % 7 = 0 then 'part_time' else 'full_time' end,
    case when demo_truth.pick(student_no, 142, 20) < 9 then 'state_funded' else 'self_funded' end,
    null,
    0,
    case
        when lacks_key then '{}'::jsonb
        when student_no % 4 = 0 then jsonb_build_object('old_student_id', id)
        else jsonb_build_object('old_student_id', id::text)
    end,
    timestamptz '2024-06-11 06:00+00',
    timestamptz '2024-06-11 06:00+00'
from demo_truth.students
where class = 'live';

insert into public.staff_members (
    id, user_id, employee_number, organization_unit_id, position_title, employment_type, hire_date, is_active,
    created_at, updated_at
)
select
    live_member_id,
    live_user_id,
    'TCH' || member_id,
    demo_truth.live_id('organization_units', 1 + demo_truth.pick(number, 151, 56)),
    jsonb_build_object('az', 'Müəllim', 'en', 'Lecturer', 'ru', 'Преподаватель'),
    'full_time',
    (created_at - interval '20 days')::date,
    true,
    timestamptz '2024-06-12 06:00+00',
    timestamptz '2024-06-12 06:00+00'
from demo_truth.logins
where role = 'teacher' and class = 'live';
