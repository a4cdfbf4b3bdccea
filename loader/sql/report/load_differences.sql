-- What the last load found otherwise than the one before it.
with loads as (
    select load_id, row_number() over (order by max(loaded_at) desc, load_id desc) as place
    from ledger.table_loads
    group by load_id
),

last_load as (
    select table_loads.* from ledger.table_loads inner join loads on table_loads.load_id = loads.load_id and loads.place = 1
),

load_before as (
    select table_loads.* from ledger.table_loads inner join loads on table_loads.load_id = loads.load_id and loads.place = 2
)

select
    last_load.table_name,
    load_before.row_count as rows_before,
    last_load.row_count as rows_now,
    last_load.inserted,
    last_load.changed,
    last_load.deleted
from last_load
inner join load_before on last_load.table_name = load_before.table_name
where last_load.fingerprint <> load_before.fingerprint
order by last_load.table_name
