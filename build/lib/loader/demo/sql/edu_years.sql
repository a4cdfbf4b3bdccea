-- Makes: education years of edu, with text dates; the four oldest are not active.
insert into public.edu_years (id, name, start_date, end_date, order_by, active, create_date)
select
    id,
    name,
    '15/09/' || year,
    case when year = 2012 then '' else '30/06/' || year + 1 end,
    year - 2009,
    case when is_active then 1 else 0 end,
    make_timestamptz(year, 8, 20, 6, 0, 0, 'UTC')
from demo_truth.years;
