-- Makes: slots (a subject in a term by one plan) and their sibling sections.
-- Siblings share the first 20 characters of their code, so only the roster tells them apart.
-- The first slots hold one section each that lms has already; the twelve at the front never depend on the scale.
create unlogged table demo_truth.slots as
with
live_slots as (
    select
        k as slot_no,
        k as number,
        true as is_live,
        (k - 1) % sizes.subjects_active + 1 as subject_no,
        11 + (demo_truth.pick((k - 1) % sizes.subjects_active + 1, 201, 10) + (k - 1) / sizes.subjects_active * 3) % 10 as term_no,
        case
            when k <= sizes.offerings_without_roster then 2 + demo_truth.pick(k, 202, 2)
            else (array[1, 1, 1, 2, 2, 2, 2, 3, 3, 4])[demo_truth.pick(k, 202, 10) + 1]
        end as sections
    from demo.sizes
    cross join generate_series(1, sizes.offerings_live) as k
),

other_slots as (
    select
        5000000 + j as slot_no,
        j as number,
        false as is_live,
        (j - 1) % (sizes.subjects_active + sizes.subjects_inactive_used) + 1 as subject_no,
        (j - 1) / (sizes.subjects_active + sizes.subjects_inactive_used) as round,
        (array[1, 1, 2, 2, 2, 3, 3, 4])[demo_truth.pick(j, 203, 8) + 1] as sections
    from demo.sizes
    cross join generate_series(1, sizes.sections_in_scope) as j
),

-- a term offset that no slot with a live section of the same subject uses
placed_slots as (
    select
        slot_no,
        number,
        is_live,
        subject_no,
        case
            when demo_truth.pick(number, 204, 4) = 0
                then 11 + (demo_truth.pick(subject_no, 201, 10) + (array[1, 4, 7, 2, 5, 8])[round % 6 + 1]) % 10
            else 1 + (demo_truth.pick(subject_no, 205, 10) + round * 3) % 10
        end as term_no,
        sections
    from other_slots
),

all_slots as (
    select * from live_slots
    union all
    select * from placed_slots
),

counted as (
    select
        *,
        (sum(sections) over (order by slot_no))::bigint as sections_so_far
    from all_slots
)

select
    counted.slot_no,
    counted.number,
    counted.is_live,
    counted.subject_no,
    counted.term_no,
    least(counted.sections, sizes.sections_in_scope - (counted.sections_so_far - counted.sections)) as sections,
    counted.subject_no + sizes.subjects * demo_truth.pick(counted.slot_no, 206, 3) as plan_no,
    (array[110000065, 110000065, 110000065, 110000065, 110000065, 110000065, 110000065, 110000065, 110000066, 110000067])[
        demo_truth.pick(counted.slot_no, 207, 10) + 1
    ] as language_id
from counted
cross join demo.sizes
where counted.sections_so_far - counted.sections < sizes.sections_in_scope;

-- The plan of the twelve first slots is the first of its subject, whose number does not depend on the scale.
update demo_truth.slots
set plan_no = subject_no
from demo.sizes
where is_live and number <= sizes.offerings_without_roster;

create unlogged table demo_truth.sections as
with
groups as (
    select
        slots.*,
        g as group_no,
        slots.slot_no * 10 + g as section_no,
        slots.is_live and g = 1 + demo_truth.pick(slots.slot_no, 211, slots.sections) as is_existing
    from demo_truth.slots
    cross join lateral generate_series(1, slots.sections) as g
),

ranked as (
    select
        groups.*,
        -- sections that are open to damage: all but those of the twelve first slots
        case
            when slot_no <= sizes.offerings_without_roster then 0
            else row_number() over (partition by is_existing, slot_no <= sizes.offerings_without_roster order by section_no)
        end as rank,
        count(*) over (partition by is_existing, slot_no <= sizes.offerings_without_roster) as ranks
    from groups
    cross join demo.sizes
),

flawed as (
    select
        *,
        case
            when rank = 0 then 'none'
            when is_existing and (rank + 12) / 40 % 5 = 0 then
                case (rank + 12) % 40
                    when 20 then 'no year'
                    when 30 then 'no semester'
                    when 35 then 'neither'
                    when 38 then 'contradicts'
                    else 'none'
                end
            when is_existing then 'none'
            when rank % 60 = 7 then 'no code'
            when rank % 60 = 17 then 'outer spaces'
            when rank % 60 = 27 then 'blank code'
            when rank % 45 = 3 then 'no year'
            when rank % 45 = 13 then 'no semester'
            when rank % 45 = 23 then 'neither'
            when rank % 45 = 33 then 'contradicts'
            else 'none'
        end as flaw
    from ranked
)

select
    flawed.section_no,
    flawed.slot_no,
    flawed.number,
    flawed.group_no,
    flawed.is_existing,
    flawed.rank,
    flawed.subject_no,
    flawed.plan_no,
    flawed.term_no,
    flawed.language_id,
    flawed.flaw,
    terms.start_date,
    terms.end_date,
    -- of the sections that are in scope some are not active themselves
    rank > 0 and not is_existing and demo_truth.spread(rank, sizes.sections_inactive_used, ranks) as is_inactive,
    demo_truth.legacy_id(
        terms.start_date - demo_truth.pick(flawed.section_no, 221, 20) * interval '1 day', 7, flawed.section_no
    ) as id,
    terms.start_date - demo_truth.pick(flawed.section_no, 221, 20) * interval '1 day' + interval '7 hours' as created_at,
    case when flaw in ('no year', 'neither') then null else terms.year_id end as year_id,
    case when flaw in ('no semester', 'neither') then null else terms.semester_id end as semester_id,
    case flaw
        when 'no code' then null
        when 'blank code' then '   '
        else
            case when flaw = 'outer spaces' then '  ' else '' end
            || terms.year_name || '_'
            || case
                when flaw = 'contradicts' then case terms.season when 1 then 'YZ' else 'PY' end
                else terms.season_code
            end
            || '_' || plans.code || '_'
            -- every twelfth slot of the others repeats one code for all of its groups
            || 1000 + demo_truth.pick(flawed.slot_no, 222, 8000)
            + case when not flawed.is_live and flawed.number % 12 = 5 then 0 else group_no end
            || case when flaw = 'outer spaces' then ' ' else '' end
    end as code,
    demo_truth.live_id('course_offerings', flawed.number) as live_id
from flawed
cross join demo.sizes
inner join demo_truth.terms on terms.term_no = flawed.term_no
inner join demo_truth.plans on plans.plan_no = flawed.plan_no;

create unique index on demo_truth.sections (section_no);
analyze demo_truth.sections;
