-- Deletes the rows of one live table that the batch made and nobody has touched or needs.
select
    ledger.delete_migrated({name}, array_agg(live_id)) as deleted,
    count(*) as wanted
from undo_rows
where live_table = {name} and is_made and left_because is null and live_hash is not null
having count(*) > 0
