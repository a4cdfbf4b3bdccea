-- The ledger's counts of a batch are those of its entries in the crosswalk.
with entries as (
    select
        crosswalk.batch_id,
        count(*) filter (where crosswalk.method in ('inserted', 'own_login')) as made,
        -- what had its tracking id before was not given one
        count(*) filter (where crosswalk.method not in ('inserted', 'own_login', 'folded', 'tracking_id')) as matched
    from ledger.crosswalk
    where crosswalk.entity = any({entities})
    group by crosswalk.batch_id
)

select
    {entity} as entity,
    'the batch counted other numbers than the crosswalk holds: ' || coalesce(batch_tables.batch_id, entries.batch_id) as what,
    null::bigint as legacy_id,
    null::uuid as live_id,
    jsonb_build_object('inserted', coalesce(batch_tables.inserted, 0), 'tracked', coalesce(batch_tables.tracked, 0)) as expected,
    jsonb_build_object(
        'inserted', coalesce(entries.made, 0),
        'tracked', case when {entity} in ('course_offerings', 'course_enrollments') then coalesce(entries.matched, 0) else 0 end
    ) as found,
    null::text as label,
    false as is_excused
from (
    select batch_tables.*
    from ledger.batch_tables
    inner join batches on batch_tables.batch_id = batches.batch_id
    where batch_tables.entity = {entity} and not batches.is_undone
) as batch_tables
full join
    (select * from entries where batch_id in (select batch_id from batches where not is_undone)) as entries
    on batch_tables.batch_id = entries.batch_id
where coalesce(batch_tables.inserted, 0) <> coalesce(entries.made, 0)
    or (
        {entity} in ('course_offerings', 'course_enrollments')
        and coalesce(batch_tables.tracked, 0) <> coalesce(entries.matched, 0)
    )
