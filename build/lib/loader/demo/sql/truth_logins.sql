-- Makes: one row per student and per teacher of edu, with its person and its account, before any damage.
-- number: index within students or teachers. rank: index within its class (live, new, unused).
-- live = moved by the earlier attempt, new = still to move, unused = not active.
-- The first new student also teaches, and so does the fifth live one: two persons with two accounts each.
create unlogged table demo_truth.people as
with
members as (
    select
        'student' as role,
        n as number,
        n as position,
        case
            when n <= sizes.students_live then 'live'
            when n <= sizes.students_active then 'new'
            else 'unused'
        end as class,
        case
            when n <= sizes.students_live then n
            when n <= sizes.students_active then n - sizes.students_live
            else n - sizes.students_active
        end as rank,
        make_timestamptz(2012 + n % 13, 9, 1, 6, 0, 0, 'UTC')
        + demo_truth.pick(n, 101, 14 * 24 * 60) * interval '1 minute' as created_at,
        make_date(1994 + n % 13, 1, 1) + demo_truth.pick(n, 102, 365)::integer as birth_date
    from demo.sizes
    cross join generate_series(1, sizes.students) as n
    union all
    select
        'teacher',
        n,
        sizes.students + n,
        case
            when n <= sizes.staff_live then 'live'
            when n <= sizes.teachers_active then 'new'
            else 'unused'
        end,
        case
            when n <= sizes.staff_live then n
            when n <= sizes.teachers_active then n - sizes.staff_live
            else n - sizes.teachers_active
        end,
        timestamptz '2012-01-09 06:00+00' + demo_truth.pick(n, 103, 4000) * interval '1 day',
        date '1955-01-01' + demo_truth.pick(n, 104, 14000)::integer
    from demo.sizes
    cross join generate_series(1, sizes.teachers) as n
),

named as (
    select
        *,
        case role when 'student' then 0 else 1 end as side,
        demo_truth.pick(position, 111, 2) = 0 as is_male,
        demo_truth.pick(number, 112, 20)::integer as first_index,
        demo_truth.pick(number, 113, 20)::integer as last_index,
        demo_truth.pick(number, 114, 20)::integer as father_index
    from members
)

select
    named.role,
    named.side,
    named.number,
    named.position,
    named.class,
    named.rank,
    named.created_at,
    named.birth_date,
    named.is_male,
    case when named.is_male then men.az[first_index + 1] else women.az[first_index + 1] end as first_name,
    families.az[last_index + 1] || case when named.is_male then '' else 'a' end as last_name,
    men.az[father_index + 1] || case when named.is_male then ' oğlu' else ' qızı' end as father_name,
    case when named.role = 'teacher' then 't.' else '' end
    || case when named.is_male then men.ascii[first_index + 1] else women.ascii[first_index + 1] end
    || '.' || families.ascii[last_index + 1] || named.number as username,
    demo_truth.legacy_id(named.created_at, 1 + named.side, named.number) as account_id,
    demo_truth.legacy_id(named.created_at, 3 + named.side, named.number) as member_id,
    demo_truth.legacy_id(named.created_at, 15 + named.side, named.number) as person_id,
    demo_truth.legacy_id(named.created_at, 13 + named.side, named.number * 2) as first_user_id,
    demo_truth.legacy_id(named.created_at + interval '400 days', 13 + named.side, named.number * 2 + 1) as second_user_id,
    demo_truth.live_id('users:' || named.role, named.number) as live_user_id,
    demo_truth.live_id('persons:' || named.role, named.number) as live_person_id,
    demo_truth.live_id(named.role, named.number) as live_member_id
from named
cross join (values (
    array[
        'Əli', 'İlqar', 'Rəşad', 'Şahin', 'Tural', 'Elçin', 'Vüqar', 'Orxan', 'Nicat', 'Kamran', 'Fərid',
        'Anar', 'Samir', 'Ruslan', 'Cavid', 'Emin', 'Murad', 'Zaur', 'Pərviz', 'Taleh'
    ],
    array[
        'ali', 'ilgar', 'rashad', 'shahin', 'tural', 'elchin', 'vugar', 'orkhan', 'nijat', 'kamran',
        'farid', 'anar', 'samir', 'ruslan', 'javid', 'emin', 'murad', 'zaur', 'parviz', 'taleh'
    ]
)) as men (az, ascii)
cross join (values (
    array[
        'Aygün', 'Günel', 'Ləman', 'Nigar', 'Sevinc', 'Şəbnəm', 'Ülviyyə', 'Fidan', 'Aysel', 'Könül',
        'Arzu', 'Leyla', 'Nərmin', 'Səbinə', 'Türkan', 'Xədicə', 'Jalə', 'Zəhra', 'İradə', 'Rəna'
    ],
    array[
        'aygun', 'gunel', 'laman', 'nigar', 'sevinj', 'shabnam', 'ulviyya', 'fidan', 'aysel', 'konul',
        'arzu', 'leyla', 'narmin', 'sabina', 'turkan', 'khadija', 'jala', 'zahra', 'irada', 'rana'
    ]
)) as women (az, ascii)
cross join (values (
    array[
        'Dağlarov', 'Bulaqov', 'Çinarov', 'Gülşənov', 'Şimşəyev', 'İldırımov', 'Yarpaqov', 'Daşlıyev',
        'Küləkov', 'Günəşov', 'Ulduzov', 'Çaylıyev', 'Meşəyev', 'Qayalıyev', 'Yağışov', 'Buludov',
        'Ocaqov', 'Körpüyev', 'Qalayev', 'Bağlıyev'
    ],
    array[
        'daglarov', 'bulagov', 'chinarov', 'gulshanov', 'shimshayev', 'ildirimov', 'yarpagov', 'dashliyev',
        'kulakov', 'gunashov', 'ulduzov', 'chayliyev', 'meshayev', 'gayaliyev', 'yagishov', 'buludov',
        'ojagov', 'korpuyev', 'galayev', 'bagliyev'
    ]
)) as families (az, ascii);

update demo_truth.people as teacher
set person_id = student.person_id
from demo_truth.people as student, demo.sizes
where teacher.role = 'teacher' and student.role = 'student'
    and (
        (teacher.class = 'live' and teacher.rank = 3 and student.class = 'new' and student.rank = 1)
        or (teacher.class = 'new' and teacher.rank = 1 and student.class = 'live' and student.rank = 5)
    );

-- Which accounts hold two users rows, which hold none, and which are live although their owner did not move.
-- The two persons of above and the students who borrow an account are left out of it.
create unlogged table demo_truth.logins as
with
shared as (
    select
        people.*,
        (
            people.role = 'teacher' and people.class = 'live' and people.rank = 3
            or people.role = 'teacher' and people.class = 'new' and people.rank = 1
            or people.role = 'student' and people.class = 'live' and people.rank = 5
            or people.role = 'student' and people.class = 'new' and people.rank in (1, 3, 4, 5)
        ) as is_special
    from demo_truth.people
),

first_round as (
    select
        *,
        row_number() over (partition by is_special order by position) as turn,
        count(*) over (partition by is_special) as turns
    from shared
),

second_round as (
    select
        first_round.*,
        not is_special and demo_truth.spread(turn, sizes.shared_accounts, turns) as is_shared
    from first_round
    cross join demo.sizes
),

third_round as (
    select
        *,
        not is_special and not is_shared as may_lack_users,
        not is_special and class <> 'live' as may_be_live,
        row_number() over (partition by not is_special and not is_shared order by position) as lack_turn,
        count(*) over (partition by not is_special and not is_shared) as lack_turns,
        row_number() over (partition by not is_special and class <> 'live' order by position) as live_turn,
        count(*) over (partition by not is_special and class <> 'live') as live_turns
    from second_round
)

select
    third_round.role,
    third_round.side,
    third_round.number,
    third_round.position,
    third_round.class,
    third_round.rank,
    third_round.created_at,
    third_round.birth_date,
    third_round.is_male,
    third_round.first_name,
    third_round.last_name,
    third_round.father_name,
    third_round.username,
    third_round.account_id,
    third_round.member_id,
    third_round.person_id,
    third_round.first_user_id,
    third_round.second_user_id,
    third_round.live_user_id,
    third_round.live_person_id,
    third_round.live_member_id,
    third_round.is_shared,
    not (may_lack_users and demo_truth.spread(lack_turn, sizes.accounts_without_users, lack_turns)) as has_users,
    lack_turn * sizes.accounts_without_users / lack_turns as lack_rank,
    class = 'live' or (may_be_live and demo_truth.spread(live_turn, sizes.other_live_logins, live_turns)) as is_live,
    case class when 'live' then 400 else 90 end as cycle
from third_round
cross join demo.sizes;

create unique index on demo_truth.logins (position);
drop table demo_truth.people;
analyze demo_truth.logins;
