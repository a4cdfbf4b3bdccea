-- A live row whose legacy row has gone says so (rules, section 10).
select
    {entity} as entity,
    'the legacy row has gone, and the withdrawn row does not say so' as what,
    crosswalk.legacy_id,
    live.id as live_id,
    jsonb_build_object({column_name}, {value}) as expected,
    jsonb_build_object({column_name}, live.{column}::text) as found,
    null::text as label,
    false as is_excused
from ledger.crosswalk
inner join {live} as live on crosswalk.live_id = live.id
where crosswalk.entity = {entity} and crosswalk.is_withdrawn and live.{column}::text is distinct from {value}
    and not exists (select 1 from {want} as want where want.legacy_id = crosswalk.legacy_id)
