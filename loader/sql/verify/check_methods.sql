-- Every entry of the crosswalk says how its row was found, with a method that is known, and belongs to a published batch.
select
    {entity} as entity,
    case when batches.batch_id is null then 'the entry belongs to no published batch' else 'the method is unknown' end as what,
    crosswalk.legacy_id,
    crosswalk.live_id,
    null::jsonb as expected,
    jsonb_build_object('batch', crosswalk.batch_id, 'method', crosswalk.method) as found,
    null::text as label,
    false as is_excused
from ledger.crosswalk
left join ledger.batches on crosswalk.batch_id = batches.batch_id and batches.published_at is not null
where crosswalk.entity = {entity} and (batches.batch_id is null or coalesce(btrim(crosswalk.method), '') = '')
