-- Marks the batch as taken back.
update ledger.batches set undone_at = now() where batch_id = %(batch)s
