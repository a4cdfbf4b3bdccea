-- Grain: one row per edu journal row
with journal_entries as (
    select * from {{ ref('int_journal_entries_mapped') }}
),

matched as (
    select * from {{ ref('int_course_enrollments_matched') }}
),

ledger as (
    select legacy_id, live_id, method, is_withdrawn
    from {{ ref('int_crosswalk_checked') }}
    where entity = 'course_enrollments'
),

-- whoever is enrolled already, by a row that the application made or that has lost its journal row, cannot be enrolled twice
live_enrolled as (
    select distinct course_offering_id, student_id
    from {{ ref('stg_lms__course_enrollments') }}
    where enrollment_status = 'enrolled'
),

accepted as (
    select
        journal_entries.*,
        matched.live_id as matched_id,
        -- the status of a live row is the application's, unless edu has moved the row to another section or student, or the
        -- migration withdrew it and it is back
        case
            when
                matched.live_course_offering_id = journal_entries.course_offering_id
                and matched.live_student_id = journal_entries.student_id
                and ledger.is_withdrawn is not true
                then matched.live_enrollment_status
        end as live_enrollment_status,
        -- a date that the migration wrote follows edu
        case when coalesce(ledger.method, '') <> 'inserted' then matched.live_enrollment_date end as live_enrollment_date
    from journal_entries
    left join matched on journal_entries.legacy_journal_id = matched.legacy_id
    left join ledger on journal_entries.legacy_journal_id = ledger.legacy_id
    where journal_entries.outcome is null
),

moving as (
    select
        legacy_journal_id,
        matched_id,
        live_enrollment_status,
        live_enrollment_date,
        -- the live row's partner where there is one, else the latest
        row_number() over pair as primary_place,
        first_value(legacy_journal_id) over pair as primary_legacy_id,
        first_value(matched_id) over pair as primary_matched_id,
        min(term_start_date) over (partition by student_id, course_id) as first_term_start_date
    from accepted
    window pair as (
        partition by course_offering_id, student_id
        order by
            coalesce(live_enrollment_status = 'enrolled', false) desc,
            live_enrollment_status is not null desc,
            last_changed_at desc nulls last,
            legacy_journal_id desc
    )
),

final as (
    select
        journal_entries.legacy_journal_id as legacy_id,
        case
            when journal_entries.outcome is not null then journal_entries.outcome
            when ledger.method in ('inserted', 'folded') then ledger.method
            when moving.matched_id is not null or ledger.method is not null then 'matched'
            {%- if var('enrollment_grain') == 'section' %}
            when moving.primary_place > 1 then 'folded'
            {%- endif %}
            else 'inserted'
        end as outcome,
        journal_entries.reason,
        journal_entries.detail,
        case
            when journal_entries.outcome is not null then null
            {%- if var('enrollment_grain') == 'section' %}
            when coalesce(ledger.live_id, moving.matched_id) is null and moving.primary_place > 1
                then
                    coalesce(
                        moving.primary_matched_id, {{ legacy_uuid('course_enrollments', 'moving.primary_legacy_id') | indent(24) }}
                    )
            {%- endif %}
            else
                coalesce(
                    ledger.live_id,
                    moving.matched_id,
                    {{ legacy_uuid('course_enrollments', 'journal_entries.legacy_journal_id') | indent(20) }}
                )
        end as live_id,
        case
            when ledger.method is not null then ledger.method
            when moving.matched_id is not null then 'offering_and_student'
            {%- if var('enrollment_grain') == 'section' %}
            when moving.primary_place > 1 then 'folded'
            {%- endif %}
            else 'inserted'
        end as match_method,
        journal_entries.legacy_section_id,
        journal_entries.legacy_student_id,
        journal_entries.course_offering_id,
        journal_entries.student_id,
        moving.primary_place = 1 as is_primary,
        coalesce(
            moving.live_enrollment_status,
            case
                when
                    moving.primary_place = 1
                    and journal_entries.term_end_date >= {{ as_of_date() }}
                    and live_enrolled.student_id is null
                    then 'enrolled'
                else 'completed'
            end
        ) as enrollment_status,
        coalesce(
            moving.live_enrollment_date::date,
            (journal_entries.created_at at time zone '{{ var("time_zone") }}')::date,
            journal_entries.term_start_date
        ) as enrollment_date,
        journal_entries.term_start_date > moving.first_term_start_date as is_retake,
        {{ parse_mark('journal_entries.raw_mark') }} as grade,
        journal_entries.raw_mark
    from journal_entries
    left join moving
        on journal_entries.legacy_journal_id = moving.legacy_journal_id and journal_entries.outcome is null
    left join ledger on journal_entries.legacy_journal_id = ledger.legacy_id and journal_entries.outcome is null
    left join live_enrolled
        on
            journal_entries.course_offering_id = live_enrolled.course_offering_id
            and journal_entries.student_id = live_enrolled.student_id
)

select * from final
