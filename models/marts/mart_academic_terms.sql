-- Grain: one row per term that the migration needs
{{ config(alias='academic_terms') }}

with classified as (
    select * from {{ ref('int_academic_terms_classified') }} where outcome in ('matched', 'inserted')
),

final as (
    select
        live_id as id,
        academic_year,
        term_type,
        term_number,
        start_date,
        end_date,
        false as is_current,
        legacy_id as legacy_term_id,
        outcome,
        match_method
    from classified
)

select * from final
