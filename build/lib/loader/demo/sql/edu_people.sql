-- Makes: persons, accounts and users of edu, with the damage that people's data really has.
-- Passwords are base64 of an invented clear text, so that tests can search for a leak.
insert into public.persons (
    id, firstname, lastname, patronymic, gender_id, pincode, birthdate, citizenship_id, nationality_id,
    active, create_date, create_user_id
)
select
    person_id,
    case
        when role = 'student' and rank % cycle = 21 then null
        when role = 'student' and rank % cycle = 23 then ''
        when role = 'student' and rank % cycle = 24 then '  ' || first_name || ' '
        else first_name
    end,
    case
        when role = 'student' and rank % cycle = 22 then '   '
        when role = 'student' and rank % cycle = 23 then null
        else last_name
    end,
    case when position % 40 = 9 then null when position % 40 = 10 then '' else father_name end,
    case
        when position % 70 = 13 then null
        when is_male then case when position % 3 = 0 then 1 else 110000003 end
        else case when position % 3 = 0 then 2 else 110000004 end
    end,
    case when position % 60 = 3 then null else upper(left(md5('pin' || position), 7)) end,
    case
        when role = 'student' and rank % cycle = 25 then '31/02/2003'
        when role = 'student' and rank % cycle = 26 then ''
        when role = 'student' and rank % cycle = 27 then '00/00/0000'
        when role = 'student' and rank % cycle = 28 then null
        when role = 'student' and rank % cycle = 29 then to_char(birth_date, 'YYYY-MM-DD')
        else to_char(birth_date, 'DD/MM/YYYY')
    end,
    110000010,
    110000010,
    case when class <> 'unused' then 1 when position % 3 > 0 then 0 end,
    created_at,
    null
from demo_truth.logins
-- the person of a student who also teaches is written once
where not (role = 'teacher' and (class = 'live' and rank = 3 or class = 'new' and rank = 1));

insert into public.accounts (
    id, person_id, username, password, lang_id, default_user_id, in_system, email, other_username, auth_type,
    fail_login_count, other_password, active, create_date, create_user_id
)
with
numbered as (
    select
        logins.*,
        sizes.students_live,
        demo_truth.spread(position, sizes.bad_emails, sizes.accounts) as has_bad_email,
        position::bigint * sizes.bad_emails / sizes.accounts as bad_rank
    from demo_truth.logins
    cross join demo.sizes
)

select
    numbered.account_id,
    numbered.person_id,
    case
        when numbered.role = 'teacher' then numbered.username
        when numbered.rank % numbered.cycle = 11 then null
        when numbered.rank % numbered.cycle = 13 then 'ab'
        when numbered.rank % numbered.cycle = 15 then ' ' || neighbours.username || ' '
        when numbered.class = 'new' and numbered.rank % numbered.cycle = 17 then lenders.username
        else numbered.username
    end,
    encode(convert_to('demo-secret-' || numbered.position, 'UTF8'), 'base64'),
    110000065,
    case when numbered.has_users then numbered.first_user_id end,
    1,
    case
        when not numbered.has_bad_email and numbered.position % 150 = 7 then null
        when not numbered.has_bad_email then numbered.username || '@demo.example'
        when numbered.bad_rank % 6 = 0 then upper(taken.username || '@demo.example')
        when numbered.bad_rank % 6 = 1 then '  ' || taken.username || '@Demo.Example '
        when numbered.bad_rank % 6 = 2 then taken.username || '@demo.example'
        when numbered.bad_rank % 6 = 3 then numbered.username || '.demo.example'
        when numbered.bad_rank % 6 = 4 then numbered.username || '@@demo example'
        else case when numbered.bad_rank % 12 = 5 then '' else 'x@y' end
    end,
    null,
    1,
    demo_truth.pick(numbered.position, 131, 4),
    case when numbered.position % 5 = 0 then encode(convert_to('demo-secret-b' || numbered.position, 'UTF8'), 'base64') end,
    case when numbered.class <> 'unused' then 1 when numbered.position % 3 > 0 then 0 end,
    numbered.created_at,
    null
from numbered
left join demo_truth.logins as neighbours on neighbours.position = numbered.position - 1
left join demo_truth.logins as lenders on lenders.position = numbered.rank * 3
-- whose address a contested one is: of a live student, or of the row before
left join demo_truth.logins as taken
    on taken.position = case
        when numbered.class <> 'live' and numbered.bad_rank % 2 = 0 then numbered.position::bigint * 31 % numbered.students_live + 1
        else greatest(numbered.position - 1, 1)
    end;

insert into public.users (
    id, account_id, organization_id, is_blocked, user_type, group_id, last_action_date, level_id,
    active, create_date, create_user_id
)
select
    case turn when 1 then first_user_id else second_user_id end,
    account_id,
    demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, 1 + demo_truth.pick(position, 132, 56)),
    case when position % 211 = 0 then 1 else 0 end,
    case
        when turn = 2 then demo_truth.one_of(array['TYUTOR', 'ADMIN', 'TYUTOR', 'SYSADMIN', 'OWNER'], position, 133)
        when role = 'student' then 'STUDENT'
        else 'TEACHER'
    end,
    null,
    case when position % 4 > 0 then created_at + demo_truth.pick(position, 134, 900) * interval '1 day' end,
    null,
    case when class <> 'unused' then 1 when position % 3 > 0 then 0 end,
    created_at + (turn - 1) * interval '400 days',
    null
from demo_truth.logins
cross join lateral generate_series(1, case when not has_users then 0 when is_shared then 2 else 1 end) as turn;
