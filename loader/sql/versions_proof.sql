-- What this transaction has written into the copy: rows and the sum of their hashes.
select
    count(*) as row_count,
    coalesce(sum({row_hash}), 0)::text as total
from {relation} as copied
where copied.xmin = pg_current_xact_id()::xid
