-- The block checksums of a copy, where they were computed by the same query and every row version still stands where it stood.
select
    kept.numbers,
    kept.row_counts,
    kept.totals::text[] as totals
from ledger.copy_checksums as kept
where
    kept.table_name = %(table)s
    and kept.query = %(query)s
    and kept.mark = (
        select
            format(
                '%%s/%%s/%%s', pg_relation_filenode(%(relation)s), count(*), sum(hash_record_extended(row(copied.ctid, copied.xmin), 0))
            )
        from {relation} as copied
    )
