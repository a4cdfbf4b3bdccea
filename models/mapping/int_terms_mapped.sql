-- Grain: one row per class section
with sections as (
    select * from {{ ref('int_sections_scoped') }} where version_place = 1
),

education_years as (
    select distinct on (legacy_education_year_id) legacy_education_year_id, education_year
    from {{ ref('stg_edu__education_years') }}
    order by legacy_education_year_id asc, last_changed_at desc nulls last
),

semester_codes as (
    select upper(code_semester) as code_semester, legacy_semester_id::bigint as legacy_semester_id
    from {{ ref('semester_codes') }}
),

term_mapping as (
    select
        legacy_education_year,
        legacy_semester_id::bigint as legacy_semester_id,
        academic_year,
        term_type
    from {{ ref('term_mapping') }}
),

academic_terms as (
    select
        academic_year,
        term_type,
        term_number::integer as term_number,
        start_date::date as start_date,
        end_date::date as end_date
    from {{ ref('academic_terms') }}
),

witnesses as (
    select
        sections.legacy_section_id,
        education_years.education_year as column_education_year,
        sections.legacy_semester_id as column_semester_id,
        -- a first field that is not a year is no witness
        case when sections.code_education_year ~ '^[0-9]{4}/[0-9]{4}$' then sections.code_education_year end
            as code_education_year,
        semester_codes.legacy_semester_id as code_semester_id
    from sections
    left join education_years on sections.legacy_education_year_id = education_years.legacy_education_year_id
    left join semester_codes on sections.code_semester = semester_codes.code_semester
),

decided as (
    select
        legacy_section_id,
        coalesce(column_education_year, code_education_year) as education_year,
        coalesce(column_semester_id, code_semester_id) as legacy_semester_id,
        case
            when column_education_year is not null and column_semester_id is not null then 'columns'
            when
                coalesce(column_education_year, code_education_year) is not null
                and coalesce(column_semester_id, code_semester_id) is not null
                then 'code'
        end as term_source,
        coalesce(
            column_education_year <> code_education_year or column_semester_id <> code_semester_id, false
        ) as is_contradicted,
        concat_ws(' ', code_education_year, code_semester_id::text) as code_says
    from witnesses
),

final as (
    select
        decided.legacy_section_id,
        decided.education_year,
        decided.legacy_semester_id,
        decided.term_source,
        decided.is_contradicted,
        decided.code_says,
        academic_terms.academic_year,
        academic_terms.term_type,
        academic_terms.term_number,
        academic_terms.start_date as term_start_date,
        academic_terms.end_date as term_end_date,
        -- edu has no row for a term: its key is made of the year it starts in and its number
        left(academic_terms.academic_year, 4)::bigint * 10 + academic_terms.term_number as legacy_term_id,
        case
            when academic_terms.academic_year is not null then null
            when decided.term_source is null then 'neither columns nor code name a year and a semester'
            when term_mapping.academic_year is null
                then 'no line in term_mapping.csv for ' || decided.education_year || ', ' || decided.legacy_semester_id
            else 'no line in academic_terms.csv for ' || term_mapping.academic_year || ', ' || term_mapping.term_type
        end as unmapped_because
    from decided
    left join term_mapping
        on
            decided.education_year = term_mapping.legacy_education_year
            and decided.legacy_semester_id = term_mapping.legacy_semester_id
    left join academic_terms
        on term_mapping.academic_year = academic_terms.academic_year and term_mapping.term_type = academic_terms.term_type
)

select * from final
