-- Forgets the batch's rows in the crosswalk but those that stay, and the rows folded into them.
with staying as (
    select live_id from undo_rows where left_because is not null
)

delete from ledger.crosswalk as crosswalk
using undo_rows
where
    crosswalk.entity = undo_rows.entity and crosswalk.legacy_id = undo_rows.legacy_id
    and undo_rows.live_id not in (select live_id from staying)
