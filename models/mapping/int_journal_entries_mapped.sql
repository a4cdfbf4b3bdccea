-- Grain: one row per edu journal row
with journal_entries as (
    select
        *,
        {{ version_place('legacy_journal_id') }} as version_place
    from {{ ref('stg_edu__journal_entries') }}
),

sections as (
    select legacy_id, outcome, reason, live_id, course_id, term_start_date, term_end_date
    from {{ ref('int_course_offerings_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

students as (
    select legacy_id, outcome, reason, live_id
    from {{ ref('int_students_classified') }}
    where reason is distinct from 'duplicate_legacy_id'
),

deleted as (
    select legacy_id from {{ ref('int_crosswalk_checked') }} where entity = 'course_enrollments' and is_deleted
),

joined as (
    select
        journal_entries.*,
        sections.live_id as course_offering_id,
        sections.course_id,
        sections.term_start_date,
        sections.term_end_date,
        sections.reason as section_reason,
        students.live_id as student_id,
        students.reason as student_reason,
        case
            when journal_entries.version_place > 1 then 'duplicate_legacy_id'
            when not journal_entries.is_active then 'inactive'
            when deleted.legacy_id is not null or 'deleted_in_lms' in (sections.reason, students.reason) then 'deleted_in_lms'
            when sections.reason = 'before_cutoff' then 'before_cutoff'
            when students.live_id is null then 'missing_student'
            when sections.live_id is null then 'missing_section'
        end as reason
    from journal_entries
    left join sections on journal_entries.legacy_section_id = sections.legacy_id
    left join students on journal_entries.legacy_student_id = students.legacy_id
    left join deleted on journal_entries.legacy_journal_id = deleted.legacy_id
),

final as (
    select
        legacy_journal_id,
        legacy_section_id,
        legacy_student_id,
        raw_mark,
        created_at,
        last_changed_at,
        course_offering_id,
        course_id,
        term_start_date,
        term_end_date,
        student_id,
        case
            when reason in ('inactive', 'before_cutoff', 'deleted_in_lms') then 'out_of_scope'
            when reason is not null then 'rejected'
        end as outcome,
        reason,
        case reason
            when 'missing_student'
                then
                    'student ' || coalesce(legacy_student_id::text, 'NULL') || ': '
                    || coalesce(student_reason, 'does not exist in edu')
            when 'missing_section'
                then
                    'section ' || coalesce(legacy_section_id::text, 'NULL') || ': '
                    || coalesce(section_reason, 'does not exist in edu')
        end as detail
    from joined
)

select * from final
