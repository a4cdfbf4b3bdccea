-- Locks the rows of one live table that the batch made, and notes what they look like. While they are locked nobody can edit them
-- or give them children.
with locked as (
    select live.id, {content_hash} as live_hash
    from {table} as live
    where live.id in (select live_id from undo_rows where live_table = {name} and is_made)
    for update of live
)

update undo_rows
set
    live_hash = locked.live_hash,
    left_because = case when locked.live_hash is distinct from undo_rows.content_hash then 'edited in the application' end
from locked
where undo_rows.live_id = locked.id and undo_rows.is_made
