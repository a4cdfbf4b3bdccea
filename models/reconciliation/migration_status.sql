-- Grain: one row per entity
{{ config(materialized='view') }}

-- Counted when it is read: the legacy side in edu itself, the live side in the application's tables.
with accounting as (
    select
        entity,
        sum(row_count) filter (where outcome <> 'out_of_scope') as in_scope,
        coalesce(sum(row_count) filter (where outcome = 'out_of_scope'), 0) as out_of_scope,
        coalesce(sum(row_count) filter (where outcome = 'matched'), 0) as matched,
        coalesce(sum(row_count) filter (where outcome = 'inserted'), 0) as inserted,
        coalesce(sum(row_count) filter (where outcome = 'folded'), 0) as folded,
        coalesce(sum(row_count) filter (where outcome = 'rejected'), 0) as rejected
    from {{ ref('accounting') }}
    group by entity
),

counted as (
    {%- for entity in entities() %}
    select
        '{{ entity.entity }}' as entity,
        {{ entity.position }} as position,
        {%- if entity.source %}
        '{{ entity.source }}' as source,
        (select count(*) from {{ source('edu_live', entity.source) }}) as source_total,
        {%- else %}
        'edu_years x semester' as source,
        (select count(*) from {{ ref(entity.classified) }}) as source_total,
        {%- endif %}
        (select count(*) from {{ source('lms', entity.entity) }}) as live_total,
        linked.legacy_rows,
        linked.live_rows
    from (
        select
            count(*) as legacy_rows,
            count(distinct live.id) as live_rows
        from {{ ref(entity.classified) }} as classified
        inner join {{ source('lms', entity.entity) }} as live on classified.live_id = live.id
    ) as linked
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        counted.entity,
        counted.source,
        counted.source_total,
        accounting.in_scope,
        accounting.out_of_scope,
        accounting.matched,
        accounting.inserted,
        accounting.folded,
        accounting.rejected,
        accounting.matched as target_before,
        counted.live_rows as target_total,
        counted.live_total - counted.live_rows as application,
        round(counted.legacy_rows::numeric / nullif(accounting.in_scope, 0), 6) as coverage,
        counted.position
    from counted
    inner join accounting on counted.entity = accounting.entity
)

select * from final
