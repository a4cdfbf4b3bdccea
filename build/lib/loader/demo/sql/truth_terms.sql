-- Makes: the 15 education years of edu and the 20 terms in which sections took place.
create unlogged table demo_truth.years as
select
    year,
    year || '/' || year + 1 as name,
    demo_truth.legacy_id(make_timestamptz(year, 8, 20, 6, 0, 0, 'UTC'), 1, year - 2009) as id,
    year >= 2014 as is_active
from generate_series(2010, 2024) as year;

-- Fall is number 1 and runs from 15 September to 31 January, spring number 2 from 15 February to 30 June.
create unlogged table demo_truth.terms as
select
    (year - 2015) * 2 + season as term_no,
    year,
    season,
    years.id as year_id,
    110000134 + season as semester_id,
    years.name as year_name,
    case season when 1 then 'PY' else 'YZ' end as season_code,
    year || '-' || year + 1 as academic_year,
    case season when 1 then 'fall' else 'spring' end as term_type,
    case season when 1 then make_date(year, 9, 15) else make_date(year + 1, 2, 15) end as start_date,
    case season when 1 then make_date(year + 1, 1, 31) else make_date(year + 1, 6, 30) end as end_date
from demo_truth.years
cross join generate_series(1, 2) as season
where year >= 2015;

analyze demo_truth.terms;
