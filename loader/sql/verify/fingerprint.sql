-- Number and hash of the rows of a relation (why hashed twice: see block_hashes).
select
    count(*) as n,
    sum(hashint8extended(hash_record_extended(row({columns}), 0), 0)) as hash
from {relation}
