-- Makes: exams and the attempts at them. The earlier attempt moved the exams of existing sections only.
-- class: live, new, used (not active, but an active attempt names it), unused (not active).
create unlogged table demo_truth.exams as
with
hosts as (
    select
        section_no,
        row_number() over (order by section_no) as host_no
    from demo_truth.sections
    where not is_existing
),

classed as (
    select
        x as exam_no,
        case
            when x <= sizes.exams_live then 'live'
            when x <= sizes.exams_live + sizes.exams_new then 'new'
            when x <= sizes.exams_live + sizes.exams_new + sizes.exams_inactive_used then 'used'
            else 'unused'
        end as class,
        1 + demo_truth.pick(x, 503, sizes.sections_in_scope - sizes.offerings_live) as host_no,
        -- live exams belong to the existing sections that have a roster; of the others every fourth does
        x <= sizes.exams_live or x % 4 = 0 and x <= sizes.exams_live + sizes.exams_new as is_of_existing,
        sizes.offerings_without_roster + 1 + (x - 1) % (sizes.offerings_live - sizes.offerings_without_roster) as number,
        12 + demo_truth.pick(x, 501, 12) + demo_truth.pick(x, 502, 300)::numeric ^ 3 / 1500000 as weight
    from demo.sizes
    cross join generate_series(1, sizes.exams) as x
),

placed as (
    select
        classed.*,
        sections.section_no
    from classed
    inner join demo_truth.sections on sections.is_existing and sections.number = classed.number
    where is_of_existing
    union all
    select
        classed.*,
        hosts.section_no
    from classed
    inner join hosts on hosts.host_no = classed.host_no
    where not is_of_existing
),

summed as (
    select
        placed.*,
        sum(weight) over (partition by class order by exam_no) as weight_so_far,
        sum(weight) over (partition by class) as weight_in_all
    from placed
)

select
    summed.exam_no,
    summed.class,
    summed.section_no,
    summed.number,
    sections.id as course_id,
    sections.live_id as live_offering_id,
    sections.start_date + 60 + demo_truth.pick(summed.exam_no, 504, 70)::integer as exam_date,
    sections.start_date + 40 + interval '8 hours' as created_at,
    demo_truth.legacy_id(sections.start_date + 40 + interval '8 hours', 8, summed.exam_no) as id,
    demo_truth.live_id('assessments', summed.exam_no) as live_id,
    windows.size as roster,
    case
        when class = 'live' then (
            round(weight_so_far * sizes.attempts_live / weight_in_all)
            - round((weight_so_far - weight) * sizes.attempts_live / weight_in_all)
        )::integer
    end as live_attempts
from summed
cross join demo.sizes
inner join demo_truth.sections on sections.section_no = summed.section_no
inner join demo_truth.windows on windows.section_no = summed.section_no;

create unique index on demo_truth.exams (exam_no);
analyze demo_truth.exams;

-- Active attempts only. Nine of ten attempts of an exam are first ones, the rest come from the same students again.
create unlogged table demo_truth.attempts as
with
live_attempts as (
    select
        exams.exam_no,
        exams.exam_no::bigint * 1000 + a as n,
        true as is_live,
        pairs.student_no,
        exams.exam_date + interval '10 hours'
        + a / firsts.n * interval '14 days' + a * interval '1 minute' as created_at
    from demo_truth.exams
    cross join lateral (values (greatest(1, least(exams.roster, exams.live_attempts * 9 / 10)))) as firsts (n)
    cross join lateral generate_series(0, exams.live_attempts - 1) as a
    inner join demo_truth.pairs
        on pairs.section_no = exams.section_no
        and pairs.turn = (demo_truth.pick(exams.exam_no, 511, exams.roster) + a % firsts.n) % exams.roster
        and not pairs.is_rider
    where exams.class = 'live'
),

new_turns as (
    select
        r,
        case
            when r % 10 in (0, 1, 2, 3) then 'again'
            when r % 10 = 4 then 'late first'
            when r % 10 = 5 then 'new student'
            else 'new exam'
        end as kind,
        row_number() over (
            partition by case when r % 10 <= 3 then 1 when r % 10 <= 5 then 2 else 3 end order by r
        ) - 1 as turn
    from demo.sizes
    cross join generate_series(1, sizes.attempts_new) as r
),

aimed as (
    select
        new_turns.*,
        case kind
            -- from the last one backwards, so that the inactive ones among them are never missed
            when 'new exam'
                then sizes.exams_live + sizes.exams_new + sizes.exams_inactive_used
                    - turn % (sizes.exams_new + sizes.exams_inactive_used)
            else 1 + turn * 41 % sizes.exams_live
        end as exam_no
    from new_turns
    cross join demo.sizes
),

new_attempts as (
    select
        exams.exam_no,
        5000000000 + aimed.r as n,
        false as is_live,
        case when aimed.kind = 'new student' then newcomers.student_no else pairs.student_no end as student_no,
        exams.exam_date + case aimed.kind when 'new exam' then interval '10 hours' else interval '70 days 10 hours' end
        + aimed.r % 1000 * interval '1 minute' as created_at,
        aimed.r
    from aimed
    inner join demo_truth.exams on exams.exam_no = aimed.exam_no
    inner join demo_truth.pairs
        on pairs.section_no = exams.section_no
        and not pairs.is_rider
        and pairs.turn = case aimed.kind
            when 'new exam' then aimed.turn / 7 % exams.roster
            when 'late first' then
                (demo_truth.pick(exams.exam_no, 511, exams.roster) + greatest(1, least(exams.roster, exams.live_attempts * 9 / 10)))
                % exams.roster
            else demo_truth.pick(exams.exam_no, 511, exams.roster)
        end
    cross join demo.sizes
    inner join demo_truth.students as newcomers
        on newcomers.student_no = sizes.students_live + 1 + aimed.r % (sizes.students_active - sizes.students_live)
),

numbered as (
    select
        exam_no,
        n,
        is_live,
        student_no,
        created_at,
        null::integer as r
    from live_attempts
    union all
    select
        exam_no,
        n,
        is_live,
        student_no,
        created_at,
        r
    from new_attempts
)

select
    exam_no,
    student_no,
    is_live,
    created_at,
    demo_truth.legacy_id(created_at, 9, n) as id,
    -- a few of the new rows do not say when they were made
    case when r is null or r % 40 <> 9 then created_at at time zone 'UTC' end as create_date,
    row_number() over (
        partition by exam_no, student_no
        order by case when r is null or r % 40 <> 9 then created_at end nulls last, demo_truth.legacy_id(created_at, 9, n)
    ) as attempt_no,
    demo_truth.live_id('assessment_submissions', n) as live_id
from numbered;

analyze demo_truth.attempts;
