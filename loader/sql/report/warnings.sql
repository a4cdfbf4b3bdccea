-- Every one of them, by the legacy id; the raw value is in migration.value_warnings.
select
    value_warnings.entity,
    value_warnings.legacy_id::text as legacy_id,
    value_warnings.column_name,
    value_warnings.warning
from migration.value_warnings
order by value_warnings.entity, value_warnings.warning, value_warnings.legacy_id, value_warnings.column_name
