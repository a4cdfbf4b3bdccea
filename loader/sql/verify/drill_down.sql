-- The differing rows of one block, with their differing columns.
select
    {entity} as entity,
    case
        when have.legacy_id is null and crosswalk.live_id is not null then 'deleted'
        when have.legacy_id is null then 'missing'
        when want.legacy_id is null then 'unexpected'
        else 'different'
    end as what,
    coalesce(want.legacy_id, have.legacy_id) as legacy_id,
    coalesce(have.live_id, crosswalk.live_id) as live_id,
    case
        when want.legacy_id is not null and have.legacy_id is not null
            then (
                select jsonb_object_agg(wanted.key, wanted.value)
                from jsonb_each(to_jsonb(want) - array['legacy_id']) as wanted
                where wanted.value is distinct from to_jsonb(have) -> wanted.key
            )
    end as expected,
    case
        when want.legacy_id is not null and have.legacy_id is not null
            then (
                select jsonb_object_agg(wanted.key, to_jsonb(have) -> wanted.key)
                from jsonb_each(to_jsonb(want) - array['legacy_id']) as wanted
                where wanted.value is distinct from to_jsonb(have) -> wanted.key
            )
    end as found,
    null::text as label,
    false as is_excused
from (select wanted.* from {want} as wanted where width_bucket(wanted.legacy_id, {bounds}) = {block} and {counts}) as want
full join (
    select had.* from {have} as had where width_bucket(had.legacy_id, {bounds}) = {block}
) as have on want.legacy_id = have.legacy_id
left join ledger.crosswalk on crosswalk.entity = {entity} and want.legacy_id = crosswalk.legacy_id
where want.legacy_id is null or have.legacy_id is null or row({want_columns}) is distinct from row({have_columns})
