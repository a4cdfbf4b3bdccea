-- Grain: one row per published legacy row
select
    entity,
    legacy_id,
    live_id,
    method,
    score,
    evidence,
    batch_id
from {{ source('ledger', 'crosswalk') }}
