-- Promise: the classes of every entity add up to the rows that edu counted in its own table, in the snapshot of the load.
-- If it fails: a legacy row has no outcome or two, or somebody has changed the raw copies since the load.
-- Who acts: operator: run again; if it stays, developer.
with accounted as (
    select entity, sum(row_count) as row_count from {{ ref('accounting') }} group by entity
),

loads as (
    select distinct on (table_name) table_name, row_count
    from {{ source('ledger', 'table_loads') }}
    order by table_name asc, loaded_at desc
),

legacy as (
    {%- for entity in entities() if entity.source %}
    select '{{ entity.entity }}' as entity, row_count from loads where table_name = '{{ entity.source }}'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select legacy.entity, legacy.row_count as edu_rows, accounted.row_count as accounted_rows
from legacy
left join accounted on legacy.entity = accounted.entity
where legacy.row_count <> coalesce(accounted.row_count, 0)
