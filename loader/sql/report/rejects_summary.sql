-- Why rows cannot move, how many, and who repairs it.
select
    rejected.entity,
    rejected.reason,
    count(*) as row_count,
    reasons.sentence,
    reasons.repaired_by,
    reasons.repair
from migration.rejected_rows as rejected
left join migration.reject_reasons as reasons on rejected.reason = reasons.reason
group by rejected.entity, rejected.reason, reasons.sentence, reasons.repaired_by, reasons.repair
order by row_count desc, rejected.entity asc, rejected.reason asc
