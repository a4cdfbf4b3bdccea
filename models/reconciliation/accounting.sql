-- Grain: one row per entity, outcome and reason
{%- for entity in entities() %}
select
    '{{ entity.entity }}' as entity,
    outcome,
    reason,
    count(*) as row_count
from {{ ref(entity.classified) }}
group by outcome, reason
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
