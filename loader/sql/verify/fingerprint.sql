-- Number and hash of the rows of a relation.
select
    count(*) as n,
    sum(hash_record_extended(row({columns}), 0)) as hash
from {relation}
