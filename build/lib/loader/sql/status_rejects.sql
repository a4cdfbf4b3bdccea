-- Every legacy row that cannot move, with the reason and the repair.
select
    entity,
    legacy_id::text as legacy_id,
    reason,
    detail,
    repair
from migration.rejected_rows
order by entity, reason, legacy_id
