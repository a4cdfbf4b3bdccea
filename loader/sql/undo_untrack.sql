-- Takes the tracking id from the application's own rows that the batch gave it to.
update {table} as live
set {column} = null
from undo_rows
where
    undo_rows.live_table = {name} and not undo_rows.is_made and not undo_rows.is_folded
    and live.id = undo_rows.live_id and live.{column} = undo_rows.legacy_id
