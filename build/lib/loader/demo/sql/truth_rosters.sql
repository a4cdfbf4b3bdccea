-- Makes: the pairs (section, student), which of them lms has, and how many journal rows each has.
-- A section takes a window of the ring of the four cohorts that study in its year. Windows of siblings lie side by
-- side; in one slot of eight they overlap by a third of the existing section. Sums are exact by cumulative rounding.
create unlogged table demo_truth.windows as
with
weighed as (
    select
        *,
        is_existing and rank > 0 as has_live_roster,
        case
            when is_existing and rank > 0
                then 28 + demo_truth.pick(section_no, 301, 20) + demo_truth.pick(section_no, 302, 400)::numeric ^ 3 / 1000000
            when demo_truth.pick(section_no, 303, 97) = 0 then 95
            when demo_truth.pick(section_no, 303, 41) = 1 then 1
            else 3 + demo_truth.pick(section_no, 304, 26) + demo_truth.pick(section_no, 305, 350)::numeric ^ 3 / 2000000
        end as weight
    from demo_truth.sections
),

summed as (
    select
        *,
        sum(weight) over (partition by has_live_roster order by section_no) as weight_so_far,
        sum(weight) over (partition by has_live_roster) as weight_in_all,
        count(*) over (partition by has_live_roster) as members
    from weighed
),

sized as (
    select
        summed.*,
        case
            when is_existing and rank = 0 then 45 + demo_truth.pick(section_no, 306, 10)
            when has_live_roster then
                round(weight_so_far * sizes.enrollments_live / weight_in_all)
                - round((weight_so_far - weight) * sizes.enrollments_live / weight_in_all)
            else
                greatest(
                    1,
                    round(weight_so_far * 23 * members / weight_in_all)
                    - round((weight_so_far - weight) * 23 * members / weight_in_all)
                )
        end::integer as size
    from summed
    cross join demo.sizes
),

arcs as (
    select
        terms.term_no,
        min(ring.seat) as first_seat,
        count(*) as seats
    from demo_truth.terms
    inner join demo_truth.ring on not ring.is_rider and ring.cohort between terms.year - 3 and terms.year
    group by terms.term_no
)

select
    sized.section_no,
    sized.slot_no,
    sized.number,
    sized.rank,
    sized.is_existing,
    sized.has_live_roster,
    sized.size,
    -- a few existing sections have students that the earlier attempt left behind
    sized.has_live_roster and sized.number % 33 = 14 as has_leftovers,
    arcs.first_seat,
    arcs.seats,
    demo_truth.pick(sized.slot_no, 311, 1000000007)
    + case
        when sized.is_existing then 0
        else
            coalesce(sum(sized.size) filter (where sized.is_existing) over (partition by sized.slot_no), 0)
            + coalesce(
                sum(sized.size) filter (where not sized.is_existing) over (
                    partition by sized.slot_no order by sized.section_no rows between unbounded preceding and 1 preceding
                ),
                0
            )
            - case
                when demo_truth.pick(sized.slot_no, 312, 8) = 0
                    then coalesce(sum(sized.size) filter (where sized.is_existing) over (partition by sized.slot_no), 0) / 3
                else 0
            end
    end as start_at
from sized
inner join demo_truth.sections using (section_no)
inner join arcs on arcs.term_no = sections.term_no;

create unlogged table demo_truth.pairs as
with
seated as (
    select
        windows.section_no,
        windows.slot_no,
        windows.number,
        windows.is_existing,
        turn,
        ring.student_no,
        ring.is_rider,
        windows.has_live_roster and turn < windows.size and not ring.is_rider as is_live
    from demo_truth.windows
    cross join lateral generate_series(0, windows.size - 1 + case when windows.has_leftovers then 3 else 0 end) as turn
    inner join demo_truth.ring on ring.seat = windows.first_seat + (windows.start_at + turn) % windows.seats
    where not ring.is_rider or not windows.has_live_roster or windows.has_leftovers
),

numbered as (
    select
        *,
        row_number() over (order by section_no, turn, student_no) as pair_no
    from seated
),

counted as (
    select
        *,
        (array[1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 5])[demo_truth.pick(pair_no, 321, 20) + 1] as base_rows
    from numbered
),

missing as (
    select sizes.journal_active - sum(base_rows) as rows_to_add
    from demo.sizes
    cross join counted
    group by sizes.journal_active
),

corrected as (
    select
        counted.*,
        missing.rows_to_add,
        case when rows_to_add > 0 then base_rows < 5 else base_rows > 1 end as is_open,
        row_number() over (
            partition by case when rows_to_add > 0 then base_rows < 5 else base_rows > 1 end order by pair_no
        ) as turn_to_add,
        count(*) over (partition by case when rows_to_add > 0 then base_rows < 5 else base_rows > 1 end) as turns_to_add
    from counted
    cross join missing
)

select
    pair_no,
    section_no,
    slot_no,
    number,
    is_existing,
    turn,
    student_no,
    is_rider,
    is_live,
    base_rows + case
        when is_open and demo_truth.spread(turn_to_add, abs(rows_to_add)::bigint, turns_to_add) then sign(rows_to_add)::integer
        else 0
    end as journal_rows
from corrected;

analyze demo_truth.windows;
analyze demo_truth.pairs;
