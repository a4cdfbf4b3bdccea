-- The last load: what came from edu, table by table, as edu itself counted it.
select
    table_name,
    load_id,
    loaded_at,
    mode,
    row_count,
    byte_count,
    inserted,
    changed,
    deleted,
    round(seconds::numeric, 3)::double precision as seconds,
    fingerprint
from ledger.table_loads
where load_id = (
        select latest.load_id from ledger.table_loads as latest
        order by latest.loaded_at desc, latest.load_id desc
        limit 1
    )
order by seconds desc, table_name asc
