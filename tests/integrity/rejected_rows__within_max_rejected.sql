-- Promise: no entity has more rejected rows than var max_rejected accepts.
-- If it fails: rows would stay behind without anybody having decided so. Nothing is published.
-- Who acts: registrar or analyst, as the reason's repair says (`edu2lms status --rejects`); or raise max_rejected, on the record.
{{ config(tags=['refusal']) }}

select entity, reason, count(*) as row_count, min(repair) as repair
from {{ ref('rejected_rows') }}
where entity in (
        select entity from {{ ref('rejected_rows') }} group by entity having count(*) > {{ var('max_rejected') | int }}
    )
group by entity, reason
