-- Every one of them, by its ids.
select entity, legacy_id::text as legacy_id, live_id::text as live_id, conflict, detail, repair
from migration.conflicts
order by entity, conflict, migration.conflicts.legacy_id
