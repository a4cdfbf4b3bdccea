-- Makes: journal of edu. Inactive rows point at anything, also at sections and students that never existed.
insert into public.journal (
    id, course_id, student_id, course_eva_id, point, point_id, active, create_date, create_user_id, update_date, update_user_id
)
select
    journal.id,
    journal.course_id,
    students.id,
    110000180 + journal.component,
    case
        when form < 60 then (demo_truth.pick(journal.n, 412, 60) + 41)::text
        when form < 80 then demo_truth.pick(journal.n, 412, 11)::text
        when form = 80 then demo_truth.pick(journal.n, 412, 10) || '.5'
        when form = 81 then demo_truth.pick(journal.n, 412, 90) || ',5'
        when form = 82 then ' ' || demo_truth.pick(journal.n, 412, 100) || '  '
        when form = 83 then demo_truth.one_of(array['A', 'B+', 'C-', 'a', 'D', 'F', 'E'], journal.n, 413)
        when form = 84 then case demo_truth.pick(journal.n, 414, 3) when 0 then 'q/b' when 1 then '-' else 'iştirak etməyib' end
        when form = 85 then (101 + demo_truth.pick(journal.n, 412, 900))::text
        when form < 93 then ''
    end,
    null,
    1,
    journal.create_date,
    null,
    journal.update_date,
    null
from demo_truth.journal
inner join demo_truth.students on students.student_no = journal.student_no
cross join lateral (values (demo_truth.pick(journal.n, 411, 100))) as forms (form);

insert into public.journal (id, course_id, student_id, course_eva_id, point, active, create_date)
with
all_sections as (
    select
        id,
        row_number() over (order by id) as section_rank
    from public.course
)

select
    demo_truth.legacy_id(dated.at, 21, n),
    case when n % 50 = 0 then null when n % 50 = 1 then demo_truth.legacy_id(dated.at, 7, 7000000000 + n) else all_sections.id end,
    case when n % 60 = 0 then null when n % 60 = 1 then demo_truth.legacy_id(dated.at, 3, 7000000000 + n) else students.id end,
    110000181 + n % 5,
    (n % 101)::text,
    case when n % 11 > 0 then 0 end,
    dated.at
from demo.sizes
cross join generate_series(1, sizes.journal_inactive) as n
cross join lateral (values (timestamptz '2016-02-01 08:00+00' + demo_truth.pick(n, 421, 3300) * interval '1 day')) as dated (at)
inner join all_sections on all_sections.section_rank = 1 + demo_truth.pick(n, 422, sizes.sections)
inner join demo_truth.students on students.student_no = 1 + demo_truth.pick(n, 423, sizes.students);
