-- How many rows of one live table an undo has deleted.
select count(*) as deleted
from undo_rows
where
    live_table = {name} and is_made and left_because is null and live_hash is not null
    and not exists (select 1 from {table} as live where live.id = undo_rows.live_id)
