-- Every legacy row that cannot move: ids, reasons and repairs, no names.
select
    rejected.entity,
    rejected.legacy_id::text as legacy_id,
    rejected.reason,
    rejected.detail,
    reasons.repaired_by,
    rejected.repair
from migration.rejected_rows as rejected
left join migration.reject_reasons as reasons on rejected.reason = reasons.reason
order by rejected.entity, rejected.reason, rejected.legacy_id, rejected.detail
