-- Every batch, the newest first, with what it wrote and the decisions under which it was made.
select
    batches.batch_id,
    batches.published_at,
    batches.undone_at,
    batches.courses,
    batches.decisions,
    coalesce(sum(batch_tables.inserted), 0)::bigint as inserted,
    coalesce(sum(batch_tables.tracked), 0)::bigint as tracked,
    coalesce(sum(batch_tables.updated), 0)::bigint as updated,
    coalesce(sum(batch_tables.withdrawn), 0)::bigint as withdrawn
from ledger.batches
left join ledger.batch_tables on batches.batch_id = batch_tables.batch_id
group by batches.batch_id
order by batches.published_at desc, batches.batch_id desc
