-- Grain: one row per rejected legacy row
with reasons as (
    select * from {{ ref('reject_reasons') }}
),

rejected as (
    {%- for entity in entities() %}
    select
        '{{ entity.entity }}' as entity,
        legacy_id,
        reason,
        detail
    from {{ ref(entity.classified) }}
    where outcome = 'rejected'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        rejected.entity,
        rejected.legacy_id,
        rejected.reason,
        coalesce(rejected.detail, reasons.sentence) as detail,
        reasons.repair
    from rejected
    left join reasons on rejected.reason = reasons.reason
)

select * from final
