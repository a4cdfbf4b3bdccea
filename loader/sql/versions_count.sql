-- Rows of a table, and how many of them have been written since.
select
    count(*) as row_count,
    count(*) filter (where {written}) as written
from {relation} as copied
