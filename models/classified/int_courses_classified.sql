-- Grain: one row per edu subject_catalog row
with subjects as (
    select
        *,
        {{ version_place('legacy_subject_id') }} as version_place
    from {{ ref('stg_edu__subjects') }}
),

mapped as (
    select * from {{ ref('int_subjects_mapped') }}
),

ledger as (
    select legacy_id, live_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'courses'
),

live_courses as (
    select course_id, code from {{ ref('stg_lms__courses') }}
),

dictionaries as (
    select distinct on (legacy_dictionary_id) *
    from {{ ref('stg_edu__dictionaries') }}
    order by legacy_dictionary_id asc, last_changed_at desc nulls last
),

-- overrides may lead several subjects to one course: the lowest id stands for it
bearers as (
    select
        legacy_subject_id,
        row_number() over (partition by course_code order by legacy_subject_id) as place,
        first_value(legacy_subject_id) over (partition by course_code order by legacy_subject_id) as bearer_subject_id
    from mapped
    where not is_ambiguous
),

joined as (
    select
        subjects.legacy_subject_id as legacy_id,
        mapped.course_code,
        ledger.method as ledger_method,
        coalesce(ledger.is_deleted, false) as is_deleted,
        bearers.place,
        bearers.bearer_subject_id,
        dictionaries.name_az,
        dictionaries.name_en,
        dictionaries.name_ru,
        coalesce(ledger.live_id, live_courses.course_id) as live_id,
        case
            when subjects.version_place > 1 then 'duplicate_legacy_id'
            when mapped.legacy_subject_id is null or ledger.live_id is not null then null
            when mapped.is_ambiguous then 'ambiguous_match'
            when live_courses.course_id is null and not {{ var('create_missing_courses') }} then 'unmapped_subject'
        end as reason,
        mapped.legacy_subject_id is not null as is_in_scope
    from subjects
    left join mapped on subjects.legacy_subject_id = mapped.legacy_subject_id
    left join bearers on subjects.legacy_subject_id = bearers.legacy_subject_id
    left join ledger on subjects.legacy_subject_id = ledger.legacy_id
    left join live_courses on mapped.course_code = live_courses.code
    left join dictionaries on subjects.legacy_dictionary_id = dictionaries.legacy_dictionary_id
),

final as (
    select
        legacy_id,
        case
            when reason is not null then 'rejected'
            when not is_in_scope or is_deleted then 'out_of_scope'
            when ledger_method in ('inserted', 'folded') then ledger_method
            when place > 1 then 'folded'
            when live_id is not null then 'matched'
            else 'inserted'
        end as outcome,
        coalesce(
            reason, case when not is_in_scope then 'inactive' when is_deleted then 'deleted_in_lms' end
        ) as reason,
        case
            when reason = 'ambiguous_match' then 'several subjects have the code ' || course_code
            when reason = 'unmapped_subject' then 'no live course ' || course_code || ' and create_missing_courses is false'
        end as detail,
        case
            when reason is not null or not is_in_scope or is_deleted then null
            else coalesce(live_id, {{ legacy_uuid('courses', 'bearer_subject_id') }})
        end as live_id,
        coalesce(ledger_method, case when place > 1 then 'folded' when live_id is not null then 'code' else 'inserted' end)
            as match_method,
        course_code,
        name_az,
        name_en,
        name_ru
    from joined
)

select * from final
