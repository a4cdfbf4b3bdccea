-- The ids of every row of some blocks, written as text.
select coalesce(array_agg({id}), '{{}}')::text as ids
from {relation} as copied
where {few} = any(%(blocks)s::bigint[])
