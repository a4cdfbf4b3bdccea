-- Promise: every crosswalk entry leads to a live row, and every tracked live row is in the crosswalk under the same legacy id.
-- If it fails: a published row was deleted, or a tracking id was changed.
-- Who acts: operator: stop; find out who changed the live row.
-- depends_on: {{ ref('lms_publish') }}

{%- for entity in entities() %}
select crosswalk.entity, crosswalk.legacy_id, crosswalk.live_id, 'no live row' as problem
from {{ source('ledger', 'crosswalk') }} as crosswalk
left join {{ source('lms', entity.entity) }} as live on crosswalk.live_id = live.id
where
    crosswalk.entity = '{{ entity.entity }}'
    and live.id is null
    and {{ live_not_exempt(entity.entity, 'crosswalk.live_id') }}
union all
{%- if entity.tracking is defined %}
select '{{ entity.entity }}', live.{{ entity.tracking }}, live.id, 'not in the crosswalk under this id'
from {{ source('lms', entity.entity) }} as live
left join {{ source('ledger', 'crosswalk') }} as crosswalk
    on
        crosswalk.entity = '{{ entity.entity }}'
        and live.{{ entity.tracking }} = crosswalk.legacy_id
        and live.id = crosswalk.live_id
where
    live.{{ entity.tracking }} is not null
    and crosswalk.legacy_id is null
    and {{ live_not_exempt(entity.entity, 'live.id') }}
union all
select '{{ entity.entity }}', crosswalk.legacy_id, live.id, 'tracking id lost'
from {{ source('ledger', 'crosswalk') }} as crosswalk
inner join {{ source('lms', entity.entity) }} as live on crosswalk.live_id = live.id
where
    crosswalk.entity = '{{ entity.entity }}'
    and crosswalk.method <> 'folded'
    and live.{{ entity.tracking }} is distinct from crosswalk.legacy_id
    and {{ live_not_exempt(entity.entity, 'live.id') }}
union all
{%- endif %}
{%- endfor %}
select null, null, null, null
where false
