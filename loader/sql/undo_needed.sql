-- Rows of one live table that rows of another one still refer to: they stay.
update undo_rows
set left_because = 'needed by ' || {child_name}
from {table} as parent
where
    undo_rows.live_table = {name} and undo_rows.is_made and undo_rows.left_because is null and undo_rows.live_id = parent.id
    and exists (select 1 from {child} as child where {condition})
