-- Makes: subjects and the plan subjects that name them.
-- The last five digits of a subject id are distinct over all subjects: they become the course code.
create unlogged table demo_truth.subjects as
select
    n as subject_no,
    n <= sizes.subjects_active as is_active,
    demo_truth.legacy_id(
        timestamptz '2012-03-01 06:00+00' + demo_truth.pick(n, 11, 900) * interval '1 day', 6, n * 100000::bigint + n * 7919 % 100000
    ) as id,
    110010000 + n as name_id,
    demo_truth.pick(n, 12, 56) + 1 as organization_no,
    timestamptz '2012-03-01 06:00+00' + demo_truth.pick(n, 11, 900) * interval '1 day' as created_at,
    qualifiers.az[n / 24 % 12 + 1] || fields.az[n % 24 + 1] || coalesce(' ' || nullif(n / 288, 0), '') as name_az,
    qualifiers.en[n / 24 % 12 + 1] || fields.en[n % 24 + 1] || coalesce(' ' || nullif(n / 288, 0), '') as name_en,
    qualifiers.ru[n / 24 % 12 + 1] || fields.ru[n % 24 + 1] || coalesce(' ' || nullif(n / 288, 0), '') as name_ru
from demo.sizes
cross join generate_series(1, sizes.subjects) as n
cross join (values (
    array[
        '', 'Ümumi ', 'Tətbiqi ', 'Müasir ', 'Nəzəri ', 'Praktiki ', 'Beynəlxalq ', 'Müqayisəli ',
        'İxtisas: ', 'Giriş: ', 'Seçmə: ', 'Ali '
    ],
    array[
        '', 'General ', 'Applied ', 'Modern ', 'Theoretical ', 'Practical ', 'International ',
        'Comparative ', 'Major: ', 'Introduction: ', 'Elective: ', 'Higher '
    ],
    array[
        '', 'Общий курс: ', 'Прикладной курс: ', 'Современный курс: ', 'Теория: ', 'Практикум: ',
        'Международный курс: ', 'Сравнительный курс: ', 'Специальность: ', 'Введение: ', 'По выбору: ',
        'Высший курс: '
    ]
)) as qualifiers (az, en, ru)
cross join (values (
    array[
        'Riyaziyyat', 'Fizika', 'Kimya', 'Biologiya', 'Tarix', 'Fəlsəfə', 'İqtisadiyyat', 'Hüquq',
        'Menecment', 'Maliyyə', 'Mühasibat uçotu', 'Statistika', 'İnformatika', 'Proqramlaşdırma',
        'Ədəbiyyat', 'Dilçilik', 'Psixologiya', 'Pedaqogika', 'Coğrafiya', 'Ekologiya', 'Memarlıq',
        'Musiqişünaslıq', 'Jurnalistika', 'Turizm'
    ],
    array[
        'Mathematics', 'Physics', 'Chemistry', 'Biology', 'History', 'Philosophy', 'Economics', 'Law',
        'Management', 'Finance', 'Accounting', 'Statistics', 'Informatics', 'Programming', 'Literature',
        'Linguistics', 'Psychology', 'Pedagogy', 'Geography', 'Ecology', 'Architecture', 'Musicology',
        'Journalism', 'Tourism'
    ],
    array[
        'Математика', 'Физика', 'Химия', 'Биология', 'История', 'Философия', 'Экономика', 'Право',
        'Менеджмент', 'Финансы', 'Бухгалтерский учёт', 'Статистика', 'Информатика', 'Программирование',
        'Литература', 'Лингвистика', 'Психология', 'Педагогика', 'География', 'Экология', 'Архитектура',
        'Музыковедение', 'Журналистика', 'Туризм'
    ]
)) as fields (az, en, ru);

-- A subject stands in three plans or more; the code is typed by hand, so its dashes and spaces vary.
create unlogged table demo_truth.plans as
select
    p as plan_no,
    (p - 1) % sizes.subjects + 1 as subject_no,
    (p - 1) / sizes.subjects as edition,
    demo_truth.legacy_id(timestamptz '2013-05-01 06:00+00' + demo_truth.pick(p, 21, 700) * interval '1 day', 5, p) as id,
    timestamptz '2013-05-01 06:00+00' + demo_truth.pick(p, 21, 700) * interval '1 day' as created_at,
    demo_truth.one_of(array['HF', 'İPF', 'MF', 'TF', 'FF', 'DF'], p, 22)
    || demo_truth.one_of(array['-', '- ', ' – ', '-', ' -', '- '], p, 23)
    || demo_truth.one_of(array['B', 'S', 'Ü'], p, 24)
    || lpad((demo_truth.pick(p, 25, 60) + 1)::text, 2, '0')
    || demo_truth.one_of(array['.1', '.2', '.3', '', '.4 '], p, 26) as code
from demo.sizes
cross join generate_series(1, sizes.plan_subjects) as p;

analyze demo_truth.subjects;
analyze demo_truth.plans;
