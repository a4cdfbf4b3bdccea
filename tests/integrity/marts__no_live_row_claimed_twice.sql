-- Promise: no live row is the counterpart of two legacy rows that are not folded.
-- If it fails: two legacy rows would share one live row without being accounted for as folded.
-- Who acts: developer.
{%- for entity in entities() %}
select '{{ entity.entity }}' as entity, live_id, count(*) as claims
from {{ ref(entity.classified) }}
where outcome in ('matched', 'inserted')
group by live_id
having count(*) > 1
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
