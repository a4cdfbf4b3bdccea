-- Makes: organisation units, terms and courses of lms; the last course is the application's own.
insert into public.organization_units (id, parent_id, type, code, name, is_active, created_at, updated_at)
select
    demo_truth.live_id('organization_units', n),
    case
        when n = 1 then null
        when n <= 10 then demo_truth.live_id('organization_units', 1)
        else demo_truth.live_id('organization_units', 2 + n % 9)
    end,
    case when n = 1 then 'university' when n <= 10 then 'faculty' else 'department' end,
    'ORG' || lpad(n::text, 3, '0'),
    jsonb_build_object('az', 'Bölmə ' || n, 'en', 'Unit ' || n, 'ru', 'Отдел ' || n),
    n <= sizes.organizations_active,
    timestamptz '2024-06-01 06:00+00',
    timestamptz '2024-06-01 06:00+00'
from demo.sizes
cross join generate_series(1, sizes.organizations) as n;

insert into public.academic_terms (
    id, academic_year, term_type, term_number, start_date, end_date, is_current, created_at, updated_at
)
select
    demo_truth.live_id('academic_terms', year * 10 + season),
    year || '-' || year + 1,
    case season when 1 then 'fall' else 'spring' end,
    season,
    case season when 1 then make_date(year, 9, 15) else make_date(year + 1, 2, 15) end,
    case season when 1 then make_date(year + 1, 1, 31) else make_date(year + 1, 6, 30) end,
    year = 2025 and season = 1,
    timestamptz '2024-06-01 06:00+00',
    timestamptz '2024-06-01 06:00+00'
from generate_series(2020, 2025) as year
cross join generate_series(1, 2) as season;

insert into public.courses (id, code, name, credit_hours, course_level, is_active, created_at, updated_at)
select
    demo_truth.live_id('courses', subject_no),
    'SUBJ' || lpad((id % 100000)::text, 5, '0'),
    jsonb_build_object('az', name_az, 'en', name_en, 'ru', name_ru),
    3 + demo_truth.pick(subject_no, 801, 4),
    'undergraduate',
    true,
    timestamptz '2024-06-02 06:00+00',
    timestamptz '2024-06-02 06:00+00'
from demo_truth.subjects
where is_active
union all
select
    demo_truth.live_id('own courses', 1),
    'APP101',
    jsonb_build_object('az', 'Rəqəmsal bacarıqlar', 'en', 'Digital skills', 'ru', 'Цифровые навыки'),
    2,
    'undergraduate',
    true,
    timestamptz '2025-08-15 06:00+00',
    timestamptz '2025-08-15 06:00+00';
