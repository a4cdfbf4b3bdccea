-- Makes: students with the damage in their login and card number, and the ring on which rosters are laid out.
-- user_id is the value that edu holds: right, NULL, naming a missing row, or naming somebody else's second user.
create unlogged table demo_truth.students as
with
lenders as (
    select
        second_user_id,
        row_number() over (order by number) + 2 as borrower
    from demo_truth.logins
    where role = 'student' and class = 'live' and is_shared
    order by number
    limit 3
)

select
    logins.number as student_no,
    logins.class,
    logins.rank,
    logins.member_id as id,
    logins.person_id,
    logins.account_id,
    logins.created_at,
    logins.live_member_id as live_id,
    logins.live_user_id,
    2012 + logins.number % 13 as cohort,
    case
        when lenders.second_user_id is not null then lenders.second_user_id
        when not logins.has_users and logins.lack_rank % 2 = 0 then null
        when not logins.has_users then demo_truth.legacy_id(logins.created_at, 13, 5000000000 + logins.number)
        when logins.rank % logins.cycle = 31 then null
        when logins.rank % logins.cycle = 33 then demo_truth.legacy_id(logins.created_at, 13, 5000000000 + logins.number)
        else logins.first_user_id
    end as user_id,
    case
        when logins.rank % logins.cycle = 35 then null
        when logins.rank % logins.cycle = 36 then ''
        -- four cards are held twice: three by a live student and another one, one by two new students
        when logins.class = 'new' and logins.rank in (2, 6) then 'C' || lpad((38 + logins.rank)::text, 8, '0')
        when logins.class = 'new' and logins.rank = 8 then 'C' || lpad((logins.number - 1)::text, 8, '0')
        when logins.class = 'live' and logins.rank = 50 then 'C' || lpad('51', 8, '0')
        when logins.rank % logins.cycle = 37 then ' C' || lpad(logins.number::text, 8, '0') || ' '
        else 'C' || lpad(logins.number::text, 8, '0')
    end as card_number,
    logins.class = 'live' and logins.rank between 101 and 119 as lacks_key,
    logins.class = 'live' and logins.rank between 113 and 119 as lacks_user
from demo_truth.logins
left join lenders on lenders.borrower = logins.rank and logins.class = 'new'
where logins.role = 'student';

-- The ring: live students in the order of their cohorts. A new student rides along with one of them.
create unlogged table demo_truth.ring as
with
seats as (
    select
        student_no,
        cohort,
        row_number() over (order by cohort, demo_truth.pick(student_no, 121, 1000000007), student_no) - 1 as seat
    from demo_truth.students
    where class = 'live'
),

arcs as (
    select
        cohort,
        min(seat) as first_seat,
        count(*) as seats
    from seats
    group by cohort
)

select
    student_no,
    cohort,
    seat,
    false as is_rider
from seats
union all
select
    students.student_no,
    students.cohort,
    arcs.first_seat + demo_truth.pick(students.student_no, 122, arcs.seats),
    true
from demo_truth.students
inner join arcs on arcs.cohort = students.cohort
where students.class = 'new';

create unique index on demo_truth.students (student_no);
analyze demo_truth.students;
analyze demo_truth.ring;
