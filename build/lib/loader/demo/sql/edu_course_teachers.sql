-- Makes: course_teacher of edu.
insert into public.course_teacher (id, course_id, teacher_id, lesson_type_id, active, create_date)
select
    id,
    course_id,
    teacher_id,
    lesson_type_id,
    1,
    created_at
from demo_truth.teaching;

insert into public.course_teacher (id, course_id, teacher_id, lesson_type_id, active, create_date)
with
all_sections as (
    select
        id,
        row_number() over (order by id) as section_rank
    from public.course
)

select
    demo_truth.legacy_id(dated.at, 23, n),
    all_sections.id,
    case when n % 25 = 0 then null else logins.member_id end,
    110000111 + n % 2,
    case when n % 6 > 0 then 0 end,
    dated.at
from demo.sizes
cross join generate_series(1, sizes.course_teachers_inactive) as n
cross join lateral (values (timestamptz '2016-02-01 08:00+00' + demo_truth.pick(n, 721, 3300) * interval '1 day')) as dated (at)
inner join all_sections on all_sections.section_rank = 1 + demo_truth.pick(n, 722, sizes.sections)
inner join demo_truth.logins on logins.role = 'teacher' and logins.number = 1 + demo_truth.pick(n, 723, sizes.teachers);
