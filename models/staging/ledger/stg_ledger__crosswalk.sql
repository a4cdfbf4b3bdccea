-- Grain: one row per published legacy row
select
    entity,
    legacy_id,
    live_id,
    method,
    score,
    evidence,
    batch_id,
    source_hash,
    content_hash,
    is_withdrawn
from {{ source('ledger', 'crosswalk') }}
