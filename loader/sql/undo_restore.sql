-- Gives changed rows of one live table their former values back, unless somebody has touched them since.
with candidates as materialized (
    select live.id, changes.entity, changes.legacy_id, changes.before, changes.crosswalk_before
    from ledger.changes as changes
    inner join ledger.crosswalk as crosswalk
        on changes.entity = crosswalk.entity and changes.legacy_id = crosswalk.legacy_id
    inner join {table} as live on changes.live_id = live.id
    where changes.batch_id = {batch} and changes.kind = {kind} and changes.entity = any({entities})
        and {content_hash} = crosswalk.content_hash
    for update of live
),

restored as (
    update {table} as live
    set ({columns}) = (select {columns} from jsonb_populate_record(live, candidates.before))
    from candidates
    where live.id = candidates.id
    returning live.id
)

update ledger.crosswalk as crosswalk
set
    source_hash = (candidates.crosswalk_before ->> 'source_hash')::uuid,
    content_hash = (candidates.crosswalk_before ->> 'content_hash')::uuid,
    is_withdrawn = (candidates.crosswalk_before ->> 'is_withdrawn')::boolean
from candidates
inner join restored on candidates.id = restored.id
where crosswalk.entity = candidates.entity and crosswalk.legacy_id = candidates.legacy_id
