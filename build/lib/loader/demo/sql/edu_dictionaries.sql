-- Makes: dictionaries of edu: the entries that other tables name, organisations, subjects, and filler up to the count.
insert into public.dictionaries (
    id, type_id, code, name_az, name_en, name_ru, short_name_az, short_name_en, short_name_ru, active, create_date, create_user_id
)
with
fixed (id, type_id, code, name_az, name_en, name_ru) as (
    values
    (110000003, 1, 'M', 'Kişi', 'Male', 'Мужской'),
    (110000004, 1, 'F', 'Qadın', 'Female', 'Женский'),
    (110000010, 2, null, 'Azərbaycan', 'Azerbaijan', 'Азербайджан'),
    (110000065, 5, 'az', 'Azərbaycan dili', 'Azerbaijani', 'Азербайджанский'),
    (110000066, 5, 'en', 'İngilis dili', 'English', 'Английский'),
    (110000067, 5, 'ru', 'Rus dili', 'Russian', 'Русский'),
    (110000101, 7, null, 'Əyani', 'Full-time', 'Очная'),
    (110000102, 7, null, 'Qiyabi', 'Part-time', 'Заочная'),
    (110000103, 7, null, 'Distant', 'Distance', 'Дистанционная'),
    (110000111, 8, 'M', 'Mühazirə', 'Lecture', 'Лекция'),
    (110000112, 8, 'S', 'Seminar', 'Seminar', 'Семинар'),
    (110000121, 9, null, 'Dövlət sifarişi', 'State order', 'Государственный заказ'),
    (110000122, 9, null, 'Ödənişli', 'Paid', 'Платное'),
    (110000123, 9, null, 'Təqaüd', 'Scholarship', 'Стипендия'),
    (110000135, 10, 'PY', 'Payız semestri', 'Fall semester', 'Осенний семестр'),
    (110000136, 10, 'YZ', 'Yaz semestri', 'Spring semester', 'Весенний семестр'),
    (110000141, 11, null, 'Bakalavr', 'Bachelor', 'Бакалавр'),
    (110000142, 11, null, 'Magistr', 'Master', 'Магистр'),
    (110000151, 12, null, 'Professor', 'Professor', 'Профессор'),
    (110000152, 12, null, 'Dosent', 'Associate professor', 'Доцент'),
    (110000153, 12, null, 'Baş müəllim', 'Senior lecturer', 'Старший преподаватель'),
    (110000154, 12, null, 'Müəllim', 'Lecturer', 'Преподаватель'),
    (110000155, 12, null, 'Assistent', null, null),
    (110000161, 13, null, 'Tam ştat', 'Full time', 'Полная ставка'),
    (110000162, 13, null, 'Yarım ştat', 'Part time', 'Полставки'),
    (110000163, 13, null, 'Saathesabı', 'Hourly', 'Почасовая'),
    (110000171, 14, null, 'Aralıq imtahan', 'Midterm exam', 'Промежуточный экзамен'),
    (110000172, 14, null, 'Yekun imtahan', 'Final exam', 'Итоговый экзамен'),
    (110000173, 14, null, 'Təkrar imtahan', 'Resit exam', 'Повторный экзамен'),
    (110000181, 15, null, 'Davamiyyət', 'Attendance', 'Посещаемость'),
    (110000182, 15, null, 'Kollokvium', 'Colloquium', 'Коллоквиум'),
    (110000183, 15, null, 'Sərbəst iş', 'Independent work', 'Самостоятельная работа'),
    (110000184, 15, null, 'Seminar balı', 'Seminar mark', 'Оценка семинара'),
    (110000185, 15, null, 'Yekun bal', 'Final mark', 'Итоговый балл'),
    (110000191, 16, null, 'Oxuyur', 'Studying', 'Обучается'),
    (110000192, 16, null, 'Məzun', 'Graduated', 'Выпускник'),
    (110000193, 16, null, 'Akademik məzuniyyət', 'Academic leave', 'Академический отпуск')
),

organisations as (
    select
        110000200 + n as id,
        20 as type_id,
        null::text as code,
        'Bölmə ' || n as name_az,
        'Unit ' || n as name_en,
        'Отдел ' || n as name_ru
    from generate_series(1, (select organizations from demo.sizes)) as n
),

subjects as (
    select
        name_id as id,
        30 as type_id,
        null::text as code,
        name_az,
        -- not every subject was ever translated
        case when subject_no % 29 <> 0 then name_en end as name_en,
        case when subject_no % 23 = 0 then '' when subject_no % 29 <> 0 then name_ru end as name_ru
    from demo_truth.subjects
),

named as (
    select id, type_id, code, name_az, name_en, name_ru from fixed
    union all
    select id, type_id, code, name_az, name_en, name_ru from organisations
    union all
    select id, type_id, code, name_az, name_en, name_ru from subjects
),

filled as (
    select id, type_id, code, name_az, name_en, name_ru from named
    union all
    select
        110500000 + n,
        90,
        'X' || n,
        'Qeyd ' || n,
        'Entry ' || n,
        'Запись ' || n
    from generate_series(1, (select dictionaries from demo.sizes) - (select count(*) from named)) as n
)

select
    id,
    110000000 + type_id,
    code,
    name_az,
    name_en,
    name_ru,
    left(name_az, 6),
    left(name_en, 6),
    left(name_ru, 6),
    case when id >= 110500000 and id % 31 = 0 then 0 else 1 end,
    timestamptz '2010-06-01 06:00+00',
    null
from filled;
