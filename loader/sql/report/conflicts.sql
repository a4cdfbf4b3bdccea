-- Every one of them, by its ids.
select
    conflicts.entity,
    conflicts.legacy_id::text as legacy_id,
    conflicts.live_id::text as live_id,
    conflicts.conflict,
    conflicts.detail,
    conflicts.repair
from migration.conflicts
order by conflicts.entity, conflicts.conflict, conflicts.legacy_id
