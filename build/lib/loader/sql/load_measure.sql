-- Rows, bytes and fingerprint of one raw copy. The fingerprint is a sum of row hashes: it does not depend on the order of the rows.
select
    count(*) as row_count,
    pg_total_relation_size({relation}) as byte_count,
    coalesce(sum(hashtextextended(copied::text, 0)::numeric), 0)::text || ':' || count(*)::text as fingerprint
from {table} as copied
