-- Makes: a view of the active journal rows, one to five per (section, student).
-- Each row is an evaluation component. Many are corrected later, so the latest row is not always the last one.
create view demo_truth.journal as
with
dated as (
    select
        pairs.pair_no,
        pairs.section_no,
        pairs.student_no,
        pairs.number,
        pairs.turn,
        pairs.is_live,
        component,
        pairs.pair_no * 5 + component as n,
        sections.id as course_id,
        sections.start_date
        + case
            when demo_truth.pick(pairs.pair_no, 401, 50) = 0 then interval '3 days 10 hours'
            else (component - 1) * interval '25 days'
                + demo_truth.pick(pairs.pair_no * 5 + component, 402, 25 * 24 * 60) * interval '1 minute'
        end as created_at
    from demo_truth.pairs
    inner join demo_truth.sections on sections.section_no = pairs.section_no
    cross join lateral generate_series(1, pairs.journal_rows) as component
)

select
    pair_no,
    section_no,
    student_no,
    number,
    turn,
    is_live,
    component,
    n,
    course_id,
    demo_truth.legacy_id(created_at, 20, n) as id,
    case when demo_truth.pick(n, 403, 500) <> 0 then created_at at time zone 'UTC' end as create_date,
    case
        when demo_truth.pick(n, 404, 20) < 7
            then (created_at + (1 + demo_truth.pick(n, 405, 60 * 24 * 60)) * interval '1 minute') at time zone 'UTC'
    end as update_date
from dated;

-- The journal row that is the partner of a live enrollment: the latest of its (section, student).
create unlogged table demo_truth.enrollments as
select distinct on (pair_no)
    pair_no,
    id as journal_id,
    section_no,
    student_no,
    number,
    turn,
    demo_truth.live_id('course_enrollments', number::bigint * 1000 + turn) as live_id
from demo_truth.journal
where is_live
order by pair_no, coalesce(update_date, create_date) desc nulls last, id desc;

analyze demo_truth.enrollments;
