-- Grain: one row per class section with a live counterpart, or with evidence that names no winner
with sections as (
    select * from {{ ref('int_sections_mapped') }} where outcome is null
),

live_offerings as (
    select * from {{ ref('stg_lms__course_offerings') }}
),

tracked as (
    select
        live_offerings.course_offering_id,
        live_offerings.old_course_id as legacy_section_id
    from live_offerings
    where live_offerings.old_course_id is not null
),

-- an analyst may also say that a live offering is the application's own (no legacy id)
overrides as (
    select live_offering_id::uuid as course_offering_id, legacy_course_id::bigint as legacy_section_id
    from {{ ref('offering_overrides') }}
),

-- the earlier migration cut the code to 20 characters: several sections share it
candidates as (
    select
        live_offerings.course_offering_id,
        sections.legacy_section_id,
        count(*) over (partition by live_offerings.course_offering_id) as candidate_count
    from live_offerings
    inner join sections
        on
            live_offerings.course_id = sections.course_id
            and live_offerings.academic_term_id = sections.academic_term_id
            and live_offerings.section_code = left(sections.section_code, 20)
    left join tracked on sections.legacy_section_id = tracked.legacy_section_id
    left join overrides on live_offerings.course_offering_id = overrides.course_offering_id
    where
        live_offerings.old_course_id is null
        and tracked.legacy_section_id is null
        and (overrides.course_offering_id is null or overrides.legacy_section_id is not null)
),

students as (
    select legacy_id as legacy_student_id, live_id as student_id from {{ ref('int_students_matched') }} where not is_ambiguous
),

contested_offerings as (
    select distinct course_offering_id from candidates where candidate_count > 1
),

contested_sections as (
    select distinct legacy_section_id from candidates where candidate_count > 1
),

live_roster as (
    select distinct live_enrollments.course_offering_id, students.legacy_student_id
    from {{ ref('stg_lms__course_enrollments') }} as live_enrollments
    inner join contested_offerings on live_enrollments.course_offering_id = contested_offerings.course_offering_id
    inner join students on live_enrollments.student_id = students.student_id
),

roster_sizes as (
    select course_offering_id, count(*) as roster_size from live_roster group by course_offering_id
),

legacy_roster as (
    select distinct journal_entries.legacy_section_id, journal_entries.legacy_student_id
    from {{ ref('stg_edu__journal_entries') }} as journal_entries
    inner join contested_sections on journal_entries.legacy_section_id = contested_sections.legacy_section_id
    where journal_entries.is_active
),

shared as (
    select
        candidates.course_offering_id,
        candidates.legacy_section_id,
        count(*) as shared_students
    from candidates
    inner join live_roster on candidates.course_offering_id = live_roster.course_offering_id
    inner join legacy_roster
        on
            candidates.legacy_section_id = legacy_roster.legacy_section_id
            and live_roster.legacy_student_id = legacy_roster.legacy_student_id
    where candidates.candidate_count > 1
    group by candidates.course_offering_id, candidates.legacy_section_id
),

scored as (
    select
        candidates.course_offering_id,
        candidates.legacy_section_id,
        candidates.candidate_count,
        coalesce(shared.shared_students, 0) as shared_students,
        coalesce(roster_sizes.roster_size, 0) as roster_size,
        coalesce(round(shared.shared_students::numeric / roster_sizes.roster_size, 4), 0) as overlap
    from candidates
    left join roster_sizes on candidates.course_offering_id = roster_sizes.course_offering_id
    left join shared
        on
            candidates.course_offering_id = shared.course_offering_id
            and candidates.legacy_section_id = shared.legacy_section_id
),

ranked as (
    select
        *,
        row_number() over best_first as place,
        coalesce(lead(overlap) over best_first, 0) as runner_up
    from scored
    window best_first as (partition by course_offering_id order by overlap desc, legacy_section_id)
),

decided as (
    select
        ranked.course_offering_id,
        ranked.legacy_section_id,
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
    where offering_place = 1 and claims = 1
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
        not exists (
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
