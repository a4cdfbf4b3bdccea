-- Removes from a copy every row with one of these ids, and of the rows without an id those with one of these hashes.
delete from {relation} as copied
where
    {id} in (select unnest(%(ids)s::bigint[]))
    or ({id} is null and {row_hash} in (select unnest(%(hashes)s::bigint[])))
