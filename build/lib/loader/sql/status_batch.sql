-- The last batch that was published; no row when none was.
select batch_id
from ledger.batches
where published_at is not null
order by published_at desc, batch_id desc
limit 1
