-- The coverage table, in its order.
select
    entity,
    source,
    source_total,
    in_scope,
    out_of_scope,
    matched,
    inserted,
    folded,
    rejected,
    target_before,
    target_total,
    coverage::double precision as coverage,
    application
from migration.migration_status
order by position
