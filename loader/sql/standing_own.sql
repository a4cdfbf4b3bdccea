-- The transactions of a publication: its parts that can be taken back have numbers of their own, and each writes into the ledger.
select distinct written.xmin::text::bigint as transaction
from (
    select crosswalk.xmin from ledger.crosswalk where crosswalk.batch_id = %(batch)s
    union all
    select changes.xmin from ledger.changes where changes.batch_id = %(batch)s
    union all
    select batch_tables.xmin from ledger.batch_tables where batch_tables.batch_id = %(batch)s
) as written
