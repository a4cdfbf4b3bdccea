-- Changed rows of one live table that somebody has touched since: they keep what they have.
insert into undo_left (live_table, entity, legacy_id, live_id, reason)
select {name}, changes.entity, changes.legacy_id, changes.live_id, 'edited since the batch: it keeps the batch''s values'
from ledger.changes as changes
inner join ledger.crosswalk as crosswalk on changes.entity = crosswalk.entity and changes.legacy_id = crosswalk.legacy_id
inner join {table} as live on changes.live_id = live.id
where changes.batch_id = {batch} and changes.kind = {kind} and changes.entity = any({entities})
    and {content_hash} is distinct from crosswalk.content_hash
