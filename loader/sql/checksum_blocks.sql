-- The same per block. Block n holds the ids from the n-th bound up to the next, block 0 those below all bounds, block -1 the NULLs.
select
    coalesce(width_bucket({id}, %(bounds)s::bigint[]), -1) as block,
    count(*) as row_count,
    sum({row_hash}) as total
from {relation} as copied
where
    %(blocks)s::integer[] is null
    or coalesce(width_bucket({id}, %(bounds)s::bigint[]), -1) = any(%(blocks)s::integer[])
group by 1
