-- Grain: one row per edu course row
with sections as (
    select * from {{ ref('stg_edu__sections') }}
),

journal_entries as (
    select legacy_section_id from {{ ref('stg_edu__journal_entries') }} where is_active
),

exams as (
    select legacy_exam_id, legacy_section_id, is_active from {{ ref('stg_edu__exams') }}
),

active_attempts as (
    select distinct legacy_exam_id from {{ ref('stg_edu__exam_attempts') }} where is_active
),

referenced as (
    select legacy_section_id from journal_entries
    union
    select exams.legacy_section_id
    from exams
    left join active_attempts on exams.legacy_exam_id = active_attempts.legacy_exam_id
    where exams.is_active or active_attempts.legacy_exam_id is not null
),

final as (
    select
        sections.*,
        sections.is_active or referenced.legacy_section_id is not null as is_in_scope,
        {{ version_place('sections.legacy_section_id') }} as version_place
    from sections
    left join referenced on sections.legacy_section_id = referenced.legacy_section_id
)

select * from final
