-- Makes: who teaches which section (active rows), and which of them lms has as instructors.
-- Existing sections start with two different live teachers; elsewhere one person often gives lecture and seminar.
create unlogged table demo_truth.teaching as
with
weighed as (
    select
        section_no,
        is_existing,
        rank,
        case when is_existing then 2.2 else 1.8 end as weight
    from demo_truth.sections
),

summed as (
    select
        *,
        sum(weight) over (order by section_no) as weight_so_far,
        sum(weight) over () as weight_in_all
    from weighed
),

counted as (
    select
        summed.*,
        (
            floor(weight_so_far * (sizes.course_teachers_active - 2 * sizes.offerings_live) / weight_in_all)
            - floor((weight_so_far - weight) * (sizes.course_teachers_active - 2 * sizes.offerings_live) / weight_in_all)
        )::integer
        + case when is_existing then 2 else 0 end as teachers
    from summed
    cross join demo.sizes
),

numbered as (
    select
        counted.section_no,
        counted.is_existing,
        counted.rank,
        turn,
        counted.section_no * 10 + turn as n,
        case
            when counted.is_existing and turn = 1
                then 1 + demo_truth.pick(counted.section_no, 601, sizes.staff_live)
            when counted.is_existing and turn = 2
                then 1 + (
                    demo_truth.pick(counted.section_no, 601, sizes.staff_live) + 1
                    + demo_truth.pick(counted.section_no, 602, sizes.staff_live - 1)
                ) % sizes.staff_live
            when turn = 2 and demo_truth.pick(counted.section_no, 603, 5) = 0
                then 1 + demo_truth.pick(counted.section_no * 10 + 1, 604, sizes.teachers_active)
            else 1 + demo_truth.pick(counted.section_no * 10 + turn, 604, sizes.teachers_active)
        end as teacher_no,
        case when turn = 1 then 110000111 else 110000112 end as lesson_type_id
    from counted
    cross join demo.sizes
    cross join lateral generate_series(1, counted.teachers) as turn
),

chosen as (
    select
        *,
        is_existing and rank > 0 and turn <= 2 as may_be_live,
        row_number() over (partition by is_existing and rank > 0 and turn <= 2 order by n) as live_turn,
        count(*) over (partition by is_existing and rank > 0 and turn <= 2) as live_turns
    from numbered
)

select
    chosen.section_no,
    chosen.teacher_no,
    chosen.turn,
    chosen.lesson_type_id,
    sections.id as course_id,
    sections.live_id as live_offering_id,
    logins.member_id as teacher_id,
    logins.live_user_id,
    sections.created_at + interval '1 day' as created_at,
    demo_truth.legacy_id(sections.created_at + interval '1 day', 12, chosen.n) as id,
    chosen.may_be_live and demo_truth.spread(chosen.live_turn, sizes.instructors_live, chosen.live_turns) as is_live,
    demo_truth.live_id('course_instructors', chosen.n) as live_id
from chosen
cross join demo.sizes
inner join demo_truth.sections on sections.section_no = chosen.section_no
inner join demo_truth.logins on logins.role = 'teacher' and logins.number = chosen.teacher_no;

analyze demo_truth.teaching;
