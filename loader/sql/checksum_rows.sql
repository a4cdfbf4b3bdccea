-- Id and hash of every row of some blocks.
select
    {id} as id,
    {row_hash} as row_hash
from {relation} as copied
where coalesce(width_bucket({id}, %(bounds)s::bigint[]), -1) = any(%(blocks)s::integer[])
