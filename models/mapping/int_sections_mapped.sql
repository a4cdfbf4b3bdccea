-- Grain: one row per edu course row
with sections as (
    select * from {{ ref('int_sections_scoped') }}
),

terms as (
    select * from {{ ref('int_terms_mapped') }}
),

live_terms as (
    select legacy_id, outcome, reason, live_id from {{ ref('int_academic_terms_classified') }}
),

plan_subjects as (
    select * from {{ ref('int_plan_subjects_mapped') }}
),

languages as (
    select legacy_language_id::bigint as legacy_language_id, language from {{ ref('language_mapping') }}
),

-- what a batch has published stands when its mapping has been lost since
published as (
    select old_course_id, course_id, academic_term_id, language_of_instruction
    from {{ ref('stg_lms__course_offerings') }}
    where old_course_id is not null
),

-- a course is what a code leads to: one that is live, or the one that a subject brings
courses as (
    select code as course_code, course_id from {{ ref('stg_lms__courses') }}
    union
    select course_code, live_id from {{ ref('int_courses_classified') }} where outcome = 'inserted'
),

deleted as (
    select entity, legacy_id from {{ ref('int_crosswalk_checked') }} where is_deleted
),

deleted_courses as (
    select distinct course_code from {{ ref('int_courses_classified') }} where reason = 'deleted_in_lms'
),

joined as (
    select
        sections.*,
        deleted.legacy_id is not null or deleted_courses.course_code is not null as is_deleted,
        terms.term_source,
        terms.term_start_date,
        terms.term_end_date,
        terms.unmapped_because as term_unmapped_because,
        coalesce(live_terms.live_id, published.academic_term_id) as academic_term_id,
        live_terms.reason as term_reason,
        plan_subjects.legacy_subject_id,
        plan_subjects.course_code,
        coalesce(courses.course_id, published.course_id) as course_id,
        coalesce(languages.language, published.language_of_instruction) as language,
        case
            when published.course_id is not null then null
            when plan_subjects.legacy_plan_subject_id is null
                then 'plan subject ' || coalesce(sections.legacy_plan_subject_id::text, 'NULL') || ' does not exist in edu'
            when plan_subjects.unmapped_because is not null then plan_subjects.unmapped_because
            when courses.course_id is null then 'no course has the code ' || plan_subjects.course_code
        end as subject_unmapped_because
    from sections
    left join terms on sections.legacy_section_id = terms.legacy_section_id
    left join live_terms on terms.legacy_term_id = live_terms.legacy_id
    left join plan_subjects on sections.legacy_plan_subject_id = plan_subjects.legacy_plan_subject_id
    left join courses on plan_subjects.course_code = courses.course_code
    left join languages on sections.legacy_language_id = languages.legacy_language_id
    left join published on sections.legacy_section_id = published.old_course_id and sections.version_place = 1
    left join deleted on deleted.entity = 'course_offerings' and sections.legacy_section_id = deleted.legacy_id
    left join deleted_courses on plan_subjects.course_code = deleted_courses.course_code and courses.course_id is null
),

reasoned as (
    select
        *,
        case
            when version_place > 1 then 'duplicate_legacy_id'
            when not is_in_scope then 'inactive'
            when is_deleted then 'deleted_in_lms'
            when term_reason in ('before_cutoff', 'deleted_in_lms') then term_reason
            when subject_unmapped_because is not null then 'unmapped_subject'
            when academic_term_id is null then 'unmapped_term'
            when language is null then 'unmapped_language'
            when not {{ is_indexable('section_code') | indent(12) }} then 'invalid_value'
        end as reason
    from joined
),

final as (
    select
        legacy_section_id,
        version_place,
        raw_section_code,
        section_code,
        legacy_subject_id,
        course_id,
        academic_term_id,
        term_start_date,
        term_end_date,
        term_source,
        language,
        student_count,
        case
            when reason in ('inactive', 'before_cutoff', 'deleted_in_lms') then 'out_of_scope'
            when reason is not null then 'rejected'
        end as outcome,
        reason,
        -- no offering can be made of it; one that is there already needs none of this
        coalesce(
            reason in ('unmapped_subject', 'unmapped_term', 'unmapped_language', 'invalid_value'), false
        ) as needs_partner,
        case reason
            when 'unmapped_subject' then subject_unmapped_because
            when 'unmapped_term' then term_unmapped_because
            when 'unmapped_language'
                then 'no line in language_mapping.csv for ' || coalesce(legacy_language_id::text, 'NULL')
            when 'invalid_value'
                then
                    'code is too long to be unique: ' || octet_length(section_code) || ' bytes, ' || left(section_code, 40) || '…'
        end as detail
    from reasoned
)

select * from final
