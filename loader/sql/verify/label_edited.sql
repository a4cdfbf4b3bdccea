-- A difference of a row that somebody has touched since it was last written: its content hash is another one.
update differing
set
    label = concat_ws('; ', differing.label, 'edited in lms since batch ' || crosswalk.batch_id),
    is_excused = differing.is_excused or {allow_edits}
from ledger.crosswalk
inner join {live} as live on crosswalk.live_id = live.id
where differing.live_id = live.id and differing.what in ('different', 'unexpected')
    and crosswalk.entity = any({entities})
    and crosswalk.content_hash is not null
    and crosswalk.content_hash <> md5(row({columns})::text)::uuid
