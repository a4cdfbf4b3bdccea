-- The last batch that stands, and the size of the crosswalk; no batch when nothing has been published.
select
    (
        select batch_id
        from ledger.batches
        where published_at is not null and undone_at is null
        order by published_at desc, batch_id desc
        limit 1
    ) as batch_id,
    (select count(*) from ledger.crosswalk) as crosswalk_rows
