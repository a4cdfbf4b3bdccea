-- Grain: one row per class section with a live counterpart, or with evidence that names no winner
with sections as (
    select legacy_section_id, outcome is null or needs_partner as is_moving
    from {{ ref('int_sections_mapped') }}
    where version_place = 1
),

live_offerings as (
    select course_offering_id, old_course_id from {{ ref('stg_lms__course_offerings') }}
),

tracked as (
    select live_offerings.course_offering_id, sections.legacy_section_id, sections.is_moving
    from live_offerings
    inner join sections on live_offerings.old_course_id = sections.legacy_section_id
),

overrides as (
    select live_offering_id::uuid as course_offering_id, legacy_course_id::bigint as legacy_section_id
    from {{ ref('offering_overrides') }}
),

ranked as (
    select
        *,
        row_number() over best_first as place,
        coalesce(lead(overlap) over best_first, 0) as runner_up
    from {{ ref('int_offering_candidates_scored') }}
    window best_first as (partition by course_offering_id order by overlap desc, legacy_section_id asc)
),

decided as (
    select
        ranked.course_offering_id,
        ranked.legacy_section_id,
        ranked.is_moving,
        case
            when ranked.candidate_count = 1 then 'natural_key'
            when
                ranked.place = 1
                and ranked.overlap >= {{ var('roster_threshold') }}
                and ranked.overlap - ranked.runner_up >= {{ var('roster_margin') }}
                then 'roster'
            when overrides.legacy_section_id = ranked.legacy_section_id then 'override'
        end as match_method,
        case when ranked.candidate_count = 1 then 1 else ranked.overlap end as score,
        case
            when ranked.candidate_count = 1 then 'only section with this course, term and code'
            else
                ranked.shared_students || ' of ' || ranked.roster_size || ' live students, runner-up '
                || ranked.runner_up || ', ' || ranked.candidate_count || ' candidates'
        end as evidence
    from ranked
    left join overrides on ranked.course_offering_id = overrides.course_offering_id
    union all
    -- an analyst's line decides, too, where course, term or code differ
    select
        overrides.course_offering_id,
        overrides.legacy_section_id,
        sections.is_moving,
        'override',
        0,
        'an analyst''s decision; course, term or code differ'
    from overrides
    inner join live_offerings
        on overrides.course_offering_id = live_offerings.course_offering_id and live_offerings.old_course_id is null
    inner join sections on overrides.legacy_section_id = sections.legacy_section_id
    left join tracked on overrides.legacy_section_id = tracked.legacy_section_id
    left join ranked
        on
            overrides.course_offering_id = ranked.course_offering_id
            and overrides.legacy_section_id = ranked.legacy_section_id
    where tracked.legacy_section_id is null and ranked.legacy_section_id is null
),

-- the strongest evidence of each offering
claims as (
    select *
    from (
        select
            *,
            array_position(array['natural_key', 'roster', 'override'], match_method) as strength,
            row_number() over (
                partition by course_offering_id
                order by array_position(array['natural_key', 'roster', 'override'], match_method)
            ) as offering_place
        from decided
        where match_method is not null
    ) as placed
    where offering_place = 1
),

-- one offering per section: the one with the stronger evidence, and no one where it is equal
winners as (
    select *
    from (
        select
            *,
            rank() over (partition by legacy_section_id order by strength) as section_place,
            count(*) over (partition by legacy_section_id, strength) as equals
        from claims
    ) as placed
    where section_place = 1 and equals = 1
),

final as (
    select
        legacy_section_id as legacy_id,
        course_offering_id as live_id,
        'tracking_id' as match_method,
        1::numeric as score,
        'old_course_id' as evidence,
        false as is_ambiguous
    from tracked
    where is_moving
    union all
    select
        legacy_section_id,
        course_offering_id,
        match_method,
        score,
        evidence,
        false
    from winners
    where is_moving
    union all
    -- an offering without a winner holds back all its candidates, so that nothing is created twice
    select
        decided.legacy_section_id,
        null,
        null,
        max(decided.score),
        string_agg('live offering ' || decided.course_offering_id || ': ' || decided.evidence, '; '),
        true
    from decided
    where
        decided.is_moving
        and not exists (select 1 from winners where winners.course_offering_id = decided.course_offering_id)
        and not exists (select 1 from winners where winners.legacy_section_id = decided.legacy_section_id)
    group by decided.legacy_section_id
)

select * from final
