-- Rows of a table and the sum of their hashes: it does not depend on the order of the rows, and repeated rows count.
select
    count(*) as row_count,
    coalesce(sum({row_hash}), 0)::text as total
from {relation} as copied
