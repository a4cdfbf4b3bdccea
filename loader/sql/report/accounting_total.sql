-- Every legacy row in exactly one class, with the named reason of the rejected ones and of those out of scope.
select
    accounting.entity,
    accounting.outcome,
    accounting.reason,
    accounting.row_count::bigint as row_count
from migration.accounting
order by accounting.entity, accounting.outcome, accounting.reason
