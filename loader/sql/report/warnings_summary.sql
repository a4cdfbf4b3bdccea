-- Values that did not move as they stand. The raw values stay in the database: many are personal data.
select
    entity,
    column_name,
    warning,
    count(*) as row_count,
    (array_agg(legacy_id::text order by legacy_id))[1:3] as examples
from migration.value_warnings
group by entity, column_name, warning
order by row_count desc, entity asc, column_name asc, warning asc
