-- Keeps the block checksums of a copy, and marks the row versions that they belong to.
insert into ledger.copy_checksums (table_name, query, mark, numbers, row_counts, totals)
select
    %(table)s,
    %(query)s,
    format(
        '%%s/%%s/%%s', pg_relation_filenode(%(relation)s), count(*), sum(hash_record_extended(row(copied.ctid, copied.xmin), 0))
    ),
    %(numbers)s::integer[],
    %(row_counts)s::bigint[],
    %(totals)s::numeric[]
from {relation} as copied
on conflict (table_name) do update set
    query = excluded.query,
    mark = excluded.mark,
    numbers = excluded.numbers,
    row_counts = excluded.row_counts,
    totals = excluded.totals
