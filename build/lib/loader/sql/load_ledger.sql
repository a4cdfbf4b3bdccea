-- Writes one table of a load into the ledger.
insert into ledger.table_loads (load_id, table_name, loaded_at, row_count, byte_count, seconds, fingerprint, columns)
values (
    %(load_id)s, %(table_name)s, %(loaded_at)s, %(row_count)s, %(byte_count)s, %(seconds)s, %(fingerprint)s, %(columns)s
)
