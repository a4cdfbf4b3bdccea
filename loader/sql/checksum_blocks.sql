-- The same per block.
select
    {block} as block,
    count(*) as row_count,
    sum({row_hash})::text as total
from {relation} as copied
where
    %(blocks)s::bigint[] is null
    or {block} = any(%(blocks)s::bigint[])
group by 1
