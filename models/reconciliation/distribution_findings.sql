-- Grain: one row per finding and term
with enrollments as (
    select
        classified.legacy_section_id,
        classified.legacy_student_id,
        classified.grade,
        classified.enrollment_date,
        offerings.academic_term_id,
        offerings.term_start_date,
        offerings.term_end_date
    from {{ ref('int_course_enrollments_classified') }} as classified
    inner join {{ ref('int_course_offerings_classified') }} as offerings on classified.legacy_section_id = offerings.legacy_id
    where classified.live_id is not null
),

terms as (
    select id as academic_term_id, academic_year || ' ' || term_type as term from {{ ref('mart_academic_terms') }}
),

limits as (
    select finding, limit_value::numeric as limit_value from {{ ref('finding_limits') }}
),

pairs as (
    select academic_term_id, legacy_section_id, legacy_student_id, count(*) as row_count
    from enrollments
    group by academic_term_id, legacy_section_id, legacy_student_id
),

sections as (
    select academic_term_id, legacy_section_id, count(*) as student_count
    from pairs
    group by academic_term_id, legacy_section_id
),

students_per_term as (
    select academic_term_id, count(distinct legacy_student_id) as student_count from pairs group by academic_term_id
),

uncovered as (
    select
        offerings.academic_term_id,
        count(distinct concat_ws('/', roster.legacy_section_id, roster.legacy_student_id)) as pair_count
    from {{ ref('stg_edu__section_students') }} as roster
    inner join {{ ref('int_course_offerings_classified') }} as offerings
        on roster.legacy_section_id = offerings.legacy_id and offerings.live_id is not null
    left join pairs
        on
            roster.legacy_section_id = pairs.legacy_section_id
            and roster.legacy_student_id = pairs.legacy_student_id
    where roster.is_active and pairs.legacy_section_id is null
    group by offerings.academic_term_id
),

measured as (
    select 'largest_section' as finding, academic_term_id, max(student_count)::numeric as measured_value
    from sections
    group by academic_term_id
    union all
    select
        'largest_section_share',
        sections.academic_term_id,
        round(max(sections.student_count)::numeric / max(students_per_term.student_count), 4)
    from sections
    inner join students_per_term on sections.academic_term_id = students_per_term.academic_term_id
    group by sections.academic_term_id
    union all
    select 'students_per_term', academic_term_id, student_count from students_per_term
    union all
    select 'rows_per_student_section', academic_term_id, round(avg(row_count), 3) from pairs group by academic_term_id
    union all
    select 'most_rows_per_student_section', academic_term_id, max(row_count) from pairs group by academic_term_id
    union all
    select
        'marks_above_ten_share',
        academic_term_id,
        round(avg((grade::numeric > 10)::integer), 4)
    from enrollments
    where grade ~ '^[0-9]'
    group by academic_term_id
    union all
    select
        'enrolled_outside_term_share',
        academic_term_id,
        round(avg((enrollment_date not between term_start_date - 60 and term_end_date + 60)::integer), 4)
    from enrollments
    group by academic_term_id
    union all
    select 'enrolled_without_journal', academic_term_id, pair_count from uncovered
),

final as (
    select
        measured.finding,
        terms.term,
        measured.measured_value,
        limits.limit_value,
        coalesce(measured.measured_value > limits.limit_value, false) as is_implausible
    from measured
    inner join terms on measured.academic_term_id = terms.academic_term_id
    left join limits on measured.finding = limits.finding
)

select * from final
