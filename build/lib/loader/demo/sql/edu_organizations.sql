-- Makes: organisations of edu; four are not active and two active ones name a parent that does not exist.
insert into public.organizations (
    id, type_id, formula, parent_id, dictionary_name_id, nod_level, active, create_date, create_user_id
)
select
    demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, n),
    110000020,
    case when n = 1 then '1' else '1.' || n end,
    case
        when n = 1 then null
        when n in (17, 33) then demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, 9000 + n)
        when n <= 10 then demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, 1)
        else demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, 2 + n % 9)
    end,
    110000200 + n,
    case when n = 1 then 0 when n <= 10 then 1 else 2 end,
    case when n <= sizes.organizations_active then 1 when n % 2 = 0 then 0 end,
    timestamptz '2010-07-01 06:00+00',
    null
from demo.sizes
cross join generate_series(1, sizes.organizations) as n;
