-- Grain: one row per published legacy row
with crosswalk as (
    select * from {{ ref('stg_ledger__crosswalk') }}
),

final as (
    {%- for entity in entities() %}
    select
        crosswalk.*,
        -- what the application has deleted is not written again
        live.id is null as is_deleted
    from crosswalk
    left join {{ source('lms', entity.entity) }} as live on crosswalk.live_id = live.id
    where crosswalk.entity in ('{{ crosswalk_entities(entity) | join("', '") }}')  -- noqa: LT05
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
