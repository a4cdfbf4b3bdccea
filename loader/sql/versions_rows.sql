-- Id and hash of every row that has been written since, as two arrays in the same order, written as text.
select
    coalesce(array_agg({id}), '{{}}')::text as ids,
    coalesce(array_agg({row_hash}), '{{}}')::text as hashes
from {relation} as copied
where {written}
