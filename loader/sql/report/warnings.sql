-- Every one of them, by the legacy id; the raw value is in migration.value_warnings.
select entity, legacy_id::text as legacy_id, column_name, warning
from migration.value_warnings
order by entity, warning, migration.value_warnings.legacy_id, column_name
