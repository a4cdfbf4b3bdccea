-- The last batch that was published and not taken back; no row when there is none.
select batch_id
from ledger.batches
where published_at is not null and undone_at is null
order by published_at desc, batch_id desc
limit 1
