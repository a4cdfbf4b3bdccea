-- Shapes that counts cannot see, per term, with the limit above which they are implausible.
select
    findings.finding,
    findings.term,
    findings.measured_value::double precision as measured_value,
    findings.limit_value::double precision as limit_value,
    findings.is_implausible,
    limits.note
from migration.distribution_findings as findings
left join migration.finding_limits as limits on findings.finding = limits.finding
order by findings.finding, findings.term
