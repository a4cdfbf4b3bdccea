-- What the crosswalk names is there, also where no legacy row asks for it any more.
select
    {entity} as entity,
    'the live row does not exist' as what,
    walk.legacy_id,
    walk.live_id,
    jsonb_build_object('id', walk.live_id) as expected,
    jsonb_build_object('crosswalk', walk.entity) as found,
    null::text as label,
    false as is_excused
from ledger.crosswalk as walk
where walk.entity = any({entities})
    and not exists (select 1 from {live} as live where live.id = walk.live_id)
    and not (walk.entity = {entity} and exists (select 1 from {want} as want where want.legacy_id = walk.legacy_id))
