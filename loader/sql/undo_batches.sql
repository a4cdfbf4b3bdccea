-- Batches that are published and not taken back, the latest first.
select batch_id, published_at
from ledger.batches
where published_at is not null and undone_at is null
order by published_at desc, batch_id desc
