-- Grain: one row per journal row with a live counterpart
with journal_entries as (
    select legacy_journal_id, course_offering_id, student_id, last_changed_at
    from {{ ref('int_journal_entries_mapped') }}
    where outcome is null
),

live_enrollments as (
    select * from {{ ref('stg_lms__course_enrollments') }}
),

tracked as (
    select
        old_journal_id as legacy_id,
        course_enrollment_id as live_id,
        course_offering_id,
        student_id,
        enrollment_status,
        enrollment_date
    from live_enrollments
    where old_journal_id is not null
),

-- live rows of one (offering, student) in the order in which they would have been made
untracked as (
    select
        course_enrollment_id,
        course_offering_id,
        student_id,
        enrollment_status,
        enrollment_date,
        row_number() over (
            partition by course_offering_id, student_id
            order by enrollment_status = 'enrolled' desc, created_at desc, course_enrollment_id asc
        ) as place
    from live_enrollments
    where old_journal_id is null
),

untracked_pairs as (
    select distinct course_offering_id, student_id from untracked
),

-- and the legacy rows of the same pairs, the latest first
candidates as (
    select
        journal_entries.legacy_journal_id,
        journal_entries.course_offering_id,
        journal_entries.student_id,
        row_number() over (
            partition by journal_entries.course_offering_id, journal_entries.student_id
            order by journal_entries.last_changed_at desc nulls last, journal_entries.legacy_journal_id desc
        ) as place
    from journal_entries
    inner join untracked_pairs
        on
            journal_entries.course_offering_id = untracked_pairs.course_offering_id
            and journal_entries.student_id = untracked_pairs.student_id
    left join tracked on journal_entries.legacy_journal_id = tracked.legacy_id
    where tracked.legacy_id is null
),

final as (
    select
        legacy_id,
        live_id,
        course_offering_id as live_course_offering_id,
        student_id as live_student_id,
        enrollment_status as live_enrollment_status,
        enrollment_date as live_enrollment_date,
        'tracking_id' as match_method
    from tracked
    union all
    select
        candidates.legacy_journal_id,
        untracked.course_enrollment_id,
        untracked.course_offering_id,
        untracked.student_id,
        untracked.enrollment_status,
        untracked.enrollment_date,
        'offering_and_student'
    from candidates
    inner join untracked
        on
            candidates.course_offering_id = untracked.course_offering_id
            and candidates.student_id = untracked.student_id
            and candidates.place = untracked.place
)

select * from final
