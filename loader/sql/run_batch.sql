-- Is this batch published?
select exists(
    select 1 from ledger.batches where batch_id = %(batch)s and published_at is not null
) as is_published
