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

final as (
    select
        journal_entries.legacy_journal_id,
        journal_entries.legacy_section_id,
        journal_entries.legacy_student_id,
        journal_entries.raw_mark,
        journal_entries.created_at,
        journal_entries.last_changed_at,
        sections.live_id as course_offering_id,
        sections.course_id,
        sections.term_start_date,
        sections.term_end_date,
        students.live_id as student_id,
        case
            when journal_entries.version_place > 1 then 'rejected'
            when not journal_entries.is_active or sections.reason = 'before_cutoff' then 'out_of_scope'
            when students.live_id is null or sections.live_id is null then 'rejected'
        end as outcome,
        case
            when journal_entries.version_place > 1 then 'duplicate_legacy_id'
            when not journal_entries.is_active then 'inactive'
            when sections.reason = 'before_cutoff' then 'before_cutoff'
            when students.live_id is null then 'missing_student'
            when sections.live_id is null then 'missing_section'
        end as reason,
        case
            when
                journal_entries.version_place > 1
                or not journal_entries.is_active
                or sections.reason = 'before_cutoff'
                then null
            when students.live_id is null
                then
                    'student ' || coalesce(journal_entries.legacy_student_id::text, 'NULL') || ': '
                    || coalesce(students.reason, 'does not exist in edu')
            when sections.live_id is null
                then
                    'section ' || coalesce(journal_entries.legacy_section_id::text, 'NULL') || ': '
                    || coalesce(sections.reason, 'does not exist in edu')
        end as detail
    from journal_entries
    left join sections on journal_entries.legacy_section_id = sections.legacy_id
    left join students on journal_entries.legacy_student_id = students.legacy_id
)

select * from final
