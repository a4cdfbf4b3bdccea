-- Id and hash of every row of some blocks, as two arrays in the same order, written as text: so they are passed on as they are.
select
    coalesce(array_agg({id}), '{{}}')::text as ids,
    coalesce(array_agg({row_hash}), '{{}}')::text as hashes
from {relation} as copied
where {block} = any(%(blocks)s::bigint[])
