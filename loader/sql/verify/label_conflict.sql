-- A difference that the last run has listed: the application decides about the row.
update differing
set
    label = concat_ws('; ', differing.label, 'listed as a conflict: ' || conflicts.conflict),
    is_excused = differing.is_excused or {allow_edits}
from migration.conflicts
where differing.legacy_id = conflicts.legacy_id and conflicts.entity = {entity}
