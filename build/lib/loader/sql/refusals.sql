-- Rejected rows by entity and reason: how many, three examples, and what repairs them.
select
    entity,
    reason,
    count(*) as n,
    (array_agg(legacy_id::text order by legacy_id))[1:3] as examples,
    min(repair) as repair
from migration.rejected_rows
group by entity, reason
order by count(*) desc, entity, reason
