-- Grain: one row per live offering without tracking id and section that could be its counterpart
with sections as (
    -- those that stay behind, too: a live offering may be the counterpart of one of them
    select *, outcome is null or needs_partner as is_moving from {{ ref('int_sections_mapped') }} where version_place = 1
),

live_offerings as (
    select * from {{ ref('stg_lms__course_offerings') }}
),

tracked_sections as (
    select old_course_id as legacy_section_id from live_offerings where old_course_id is not null
),

-- offerings that an analyst calls the application's own
own_offerings as (
    select live_offering_id::uuid as course_offering_id
    from {{ ref('offering_overrides') }}
    where legacy_course_id is null
),

-- the earlier migration cut the code to 20 characters: several sections share it; the application may hold it whole
candidates as (
    select
        live_offerings.course_offering_id,
        sections.legacy_section_id,
        sections.is_moving,
        count(*) over (partition by live_offerings.course_offering_id) as candidate_count
    from live_offerings
    inner join sections
        on
            live_offerings.course_id = sections.course_id
            and live_offerings.academic_term_id = sections.academic_term_id
            -- with the outer spaces that the code had, or without
            and live_offerings.section_code in (
                left(sections.raw_section_code, 20), left(sections.section_code, 20), sections.section_code
            )
    left join tracked_sections on sections.legacy_section_id = tracked_sections.legacy_section_id
    left join own_offerings on live_offerings.course_offering_id = own_offerings.course_offering_id
    where
        live_offerings.old_course_id is null
        and tracked_sections.legacy_section_id is null
        and own_offerings.course_offering_id is null
),

students as (
    select legacy_id as legacy_student_id, live_id as student_id from {{ ref('int_students_matched') }} where not is_ambiguous
),

contested_offerings as (
    select distinct course_offering_id from candidates where candidate_count > 1
),

contested_sections as (
    select distinct legacy_section_id, is_moving from candidates where candidate_count > 1
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
    where journal_entries.is_active or not contested_sections.is_moving
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

final as (
    select
        candidates.course_offering_id,
        candidates.legacy_section_id,
        candidates.is_moving,
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
)

select * from final
