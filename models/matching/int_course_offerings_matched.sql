-- Grain: one row per class section with a live counterpart, or with evidence that names no winner
with sections as (
    select legacy_section_id from {{ ref('int_sections_mapped') }} where outcome is null
),

tracked as (
    select live_offerings.course_offering_id, sections.legacy_section_id
    from {{ ref('stg_lms__course_offerings') }} as live_offerings
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
),

-- one winner per offering, the stronger evidence first; one offering per section
winners as (
    select
        *,
        row_number() over (
            partition by course_offering_id
            order by array_position(array['natural_key', 'roster', 'override'], match_method)
        ) as offering_place,
        count(*) over (partition by legacy_section_id) as claims
    from decided
    where match_method is not null
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
    union all
    select
        legacy_section_id,
        course_offering_id,
        match_method,
        score,
        evidence,
        false
    from winners
    where offering_place = 1 and claims = 1 and is_moving
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
        and not exists (
            select 1 from winners
            where
                winners.course_offering_id = decided.course_offering_id
                and winners.offering_place = 1
                and winners.claims = 1
        )
        and not exists (
            select 1 from winners
            where
                winners.legacy_section_id = decided.legacy_section_id
                and winners.offering_place = 1
                and winners.claims = 1
        )
    group by decided.legacy_section_id
)

select * from final
