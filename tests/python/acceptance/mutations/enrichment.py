"""edu, before the run: what the demonstration lacks at its smallest scale, so that every kind of row is made at least once.

No file of its own: dbt takes every .sql below `tests` for a test.
"""

ENRICHMENT = """
insert into dictionaries (id, type_id, name_az, name_en, name_ru, active)
values
    (110999901, 110000030, 'Yeni fənn', 'New subject', 'Новый предмет', 1),
    (110999902, 110000030, 'Adı az olan', null, null, 1);
insert into subject_catalog (id, subject_name_id, active, create_date)
values
    (199901060000099901, 110999901, 1, '2024-01-10 06:00+00'),
    (199901060000099902, 110999902, 1, '2024-01-10 06:00+00'),
    (199901060000099903, null, 1, '2024-01-10 06:00+00');
insert into education_plan_subject (id, subject_id, code, active)
values (199901050000099901, 199901060000099901, 'NF-B01.1', 1);
-- a section of a running term, taught to ten students with two rows each
insert into course (
    id, code, education_plan_subject_id, semester_id, education_year_id, education_lang_id, student_count, active, create_date
)
select
    240201070000099901, ' 2023/2024_YZ_NF-B01.1_1 ', 199901050000099901, 110000136, id, 110000066, 12, 1, '2024-02-01 06:00+00'
from edu_years where name = '2023/2024';
insert into journal (id, course_id, student_id, course_eva_id, point, active, create_date, update_date)
select
    240220200000990000 + n * 10 + part,
    240201070000099901,
    id,
    110000180 + part,
    case part when 1 then ' 7,5' else 'b+' end,
    1,
    timestamptz '2024-02-20 20:30+00' + part * interval '1 day',
    case when n = 3 and part = 1 then timestamptz '2024-02-25 06:00+00' end
from (select id, row_number() over (order by id desc) as n from students where active = 1) as listed
cross join generate_series(1, 2) as part
where n <= 10;
"""
