-- Deletes the rows of one live table that the batch made and nobody has touched; those that somebody needs stay.
with kept as (
    select *
    from ledger.delete_migrated(
            {name},
            array(
                select live_id from undo_rows
                where live_table = {name} and is_made and left_because is null and live_hash is not null
            )
        )
)

update undo_rows
set left_because = 'needed by ' || kept.needed_by
from kept
where undo_rows.live_table = {name} and undo_rows.is_made and undo_rows.live_id = kept.left_id
