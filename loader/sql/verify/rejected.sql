-- Grain: one row per legacy row that the run says cannot move.
select distinct
    entity,
    legacy_id,
    reason
from {rejected_rows}
