-- What the last two batches wrote, table by table.
with newest as (
    select batch_id, row_number() over (order by published_at desc, batch_id desc) as place
    from ledger.batches
    where published_at is not null and undone_at is null
),

written as (
    select newest.place, batch_tables.*
    from ledger.batch_tables
    inner join newest on batch_tables.batch_id = newest.batch_id and newest.place <= 2
)

select
    entity,
    coalesce(sum(inserted) filter (where place = 1), 0)::bigint as inserted,
    coalesce(sum(tracked) filter (where place = 1), 0)::bigint as tracked,
    coalesce(sum(updated) filter (where place = 1), 0)::bigint as updated,
    coalesce(sum(withdrawn) filter (where place = 1), 0)::bigint as withdrawn,
    coalesce(sum(inserted) filter (where place = 2), 0)::bigint as inserted_before,
    coalesce(sum(tracked) filter (where place = 2), 0)::bigint as tracked_before,
    coalesce(sum(updated) filter (where place = 2), 0)::bigint as updated_before,
    coalesce(sum(withdrawn) filter (where place = 2), 0)::bigint as withdrawn_before
from written
group by entity
order by entity
