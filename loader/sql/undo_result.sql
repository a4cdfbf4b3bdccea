-- Every row that stays, with the reason.
select entity, legacy_id::text as legacy_id, live_id::text as live_id, left_because as reason
from undo_rows
where left_because is not null
union all
select entity, legacy_id::text, live_id::text, reason
from undo_left
order by 1, 2
