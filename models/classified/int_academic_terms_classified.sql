-- Grain: one row per term that a class section of edu lies in
with sections as (
    select legacy_section_id, is_in_scope from {{ ref('int_sections_scoped') }} where version_place = 1
),

mapped as (
    select * from {{ ref('int_terms_mapped') }} where academic_year is not null
),

ledger as (
    select legacy_id, live_id, method, is_deleted from {{ ref('int_crosswalk_checked') }} where entity = 'academic_terms'
),

live_terms as (
    select academic_term_id, academic_year, term_type from {{ ref('stg_lms__academic_terms') }}
),

terms as (
    select
        mapped.legacy_term_id as legacy_id,
        mapped.academic_year,
        mapped.term_type,
        mapped.term_number,
        mapped.term_start_date as start_date,
        mapped.term_end_date as end_date,
        bool_or(sections.is_in_scope) as is_used
    from mapped
    inner join sections on mapped.legacy_section_id = sections.legacy_section_id
    group by 1, 2, 3, 4, 5, 6
),

joined as (
    select
        terms.*,
        ledger.method as ledger_method,
        coalesce(ledger.live_id, live_terms.academic_term_id) as live_id,
        case
            when not terms.is_used then 'inactive'
            when ledger.is_deleted then 'deleted_in_lms'
            {%- if var('cutoff_date') %}
            when terms.end_date < date '{{ var("cutoff_date") }}' then 'before_cutoff'
            {%- endif %}
        end as out_of_scope_reason
    from terms
    left join ledger on terms.legacy_id = ledger.legacy_id
    left join live_terms on terms.academic_year = live_terms.academic_year and terms.term_type = live_terms.term_type
),

final as (
    select
        legacy_id,
        case
            when out_of_scope_reason is not null then 'out_of_scope'
            when ledger_method = 'inserted' then 'inserted'
            when live_id is not null then 'matched'
            else 'inserted'
        end as outcome,
        out_of_scope_reason as reason,
        null::text as detail,
        case
            when out_of_scope_reason is null then coalesce(live_id, {{ legacy_uuid('academic_terms', 'legacy_id') }})
        end as live_id,
        coalesce(ledger_method, case when live_id is not null then 'year_and_term' else 'inserted' end) as match_method,
        academic_year,
        term_type,
        term_number,
        start_date,
        end_date
    from joined
)

select * from final
