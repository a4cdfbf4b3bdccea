-- The differences of an entity, in the order in which they are shown.
select
    entity,
    what,
    legacy_id::text as legacy_id,
    live_id::text as live_id,
    expected,
    found,
    label,
    is_excused
from differing
where entity = {entity}
order by is_excused, what, legacy_id, live_id
limit {first}
