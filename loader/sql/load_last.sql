-- What the last load of each table had: when, how many rows, which columns, how the content hashed, from where on rows are new.
select distinct on (table_name) table_name, loaded_at, row_count, columns, fingerprint, mode, row_versions
from ledger.table_loads
order by table_name, loaded_at desc
