-- Id and hash of each row, to find those that differ.
select
    copied.id::text as id,
    {row_hash} as row_hash
from {relation} as copied
