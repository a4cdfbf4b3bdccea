-- Makes: course_student of edu: mostly pairs that journal holds, and some active ones that it does not.
insert into public.course_student (id, course_id, student_id, course_work, active, create_date)
with
covered as (
    select
        pairs.pair_no,
        pairs.section_no,
        pairs.student_no
    from demo_truth.pairs
    cross join demo.sizes
    where demo_truth.spread(
        pairs.pair_no,
        sizes.course_students_active - sizes.course_students_uncovered,
        (select max(pair_no) from demo_truth.pairs)
    )
),

-- students of the same years who sit elsewhere on the ring than the whole slot
candidates as (
    select
        windows.section_no,
        ring.student_no,
        1 + extra as extra
    from demo_truth.windows
    cross join generate_series(0, 1) as extra
    inner join demo_truth.ring
        on ring.seat = windows.first_seat + (windows.start_at + windows.seats - 3 - extra) % windows.seats
        and not ring.is_rider
    left join demo_truth.pairs
        on pairs.section_no = windows.section_no
        and pairs.student_no = ring.student_no
    where pairs.pair_no is null
),

uncovered as (
    select
        9000000000 + row_number() over (order by demo_truth.pick(section_no, 701, 1000000007), section_no, extra) as pair_no,
        section_no,
        student_no
    from candidates
    order by pair_no
    limit (select course_students_uncovered from demo.sizes)
),

chosen as (
    select pair_no, section_no, student_no from covered
    union all
    select pair_no, section_no, student_no from uncovered
)

select
    demo_truth.legacy_id(sections.created_at + interval '12 days', 10, chosen.pair_no),
    sections.id,
    students.id,
    case when chosen.pair_no % 9 = 0 then 1 else 0 end,
    1,
    sections.created_at + interval '12 days'
from chosen
inner join demo_truth.sections on sections.section_no = chosen.section_no
inner join demo_truth.students on students.student_no = chosen.student_no;

insert into public.course_student (id, course_id, student_id, active, create_date)
with
all_sections as (
    select
        id,
        row_number() over (order by id) as section_rank
    from public.course
)

select
    demo_truth.legacy_id(dated.at, 22, n),
    case when n % 70 = 0 then null else all_sections.id end,
    case when n % 80 = 1 then demo_truth.legacy_id(dated.at, 3, 7000000000 + n) else students.id end,
    case when n % 9 > 0 then 0 end,
    dated.at
from demo.sizes
cross join generate_series(1, sizes.course_students_inactive) as n
cross join lateral (values (timestamptz '2016-02-01 08:00+00' + demo_truth.pick(n, 711, 3300) * interval '1 day')) as dated (at)
inner join all_sections on all_sections.section_rank = 1 + demo_truth.pick(n, 712, sizes.sections)
inner join demo_truth.students on students.student_no = 1 + demo_truth.pick(n, 713, sizes.students);
