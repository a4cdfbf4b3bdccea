-- Grain: one row per block of legacy ids: how many rows, and one hash over all of them, on either side. The hash of a record is a
-- sum over its columns: unless it is hashed once more, two rows could exchange a value and the block would not notice.
with want as (
    select
        width_bucket(legacy_id, {bounds}) as block,
        count(*) as n,
        sum(hashint8extended(hash_record_extended(row(legacy_id, {columns}), 0), 0)) as hash
    from {want} as wanted
    where {counts}
    group by 1
),

have as (
    select
        width_bucket(legacy_id, {bounds}) as block,
        count(*) as n,
        sum(hashint8extended(hash_record_extended(row(legacy_id, {columns}), 0), 0)) as hash
    from {have}
    group by 1
)

select
    coalesce(want.block, have.block) as block,
    coalesce(want.n, 0) as expected,
    coalesce(have.n, 0) as found,
    coalesce(want.n = have.n and want.hash = have.hash, false) as is_equal
from want
full join have on want.block = have.block
order by 1
