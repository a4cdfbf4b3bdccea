-- The status table, before and after: counted in edu itself and in the live tables at the moment of asking.
select
    entity,
    source,
    source_total::bigint as source_total,
    in_scope::bigint as in_scope,
    out_of_scope::bigint as out_of_scope,
    matched::bigint as matched,
    inserted::bigint as inserted,
    folded::bigint as folded,
    rejected::bigint as rejected,
    target_before::bigint as target_before,
    target_total::bigint as target_total,
    coverage::double precision as coverage,
    application::bigint as application
from migration.migration_status
order by position
