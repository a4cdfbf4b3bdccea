-- Removes rows that edu has no more, and says how many they were, and the sum of their hashes.
with gone as (
    delete from {relation} as copied
    where
        {id} = any(%(gone)s::bigint[])
        or ({few} = any(%(blocks)s::bigint[]) and {id} <> all(%(present)s::bigint[]))
    returning {row_hash} as row_hash
)

select
    count(*) as row_count,
    coalesce(sum(gone.row_hash), 0)::text as total
from gone
