-- Writes one table of a load into the ledger.
insert into ledger.table_loads (
    load_id, table_name, loaded_at, row_count, byte_count, seconds, fingerprint, columns, mode, inserted, changed, deleted,
    row_versions
)
values (
    %(load_id)s,
    %(table_name)s,
    %(loaded_at)s,
    %(row_count)s,
    pg_total_relation_size(to_regclass(%(relation)s)),
    %(seconds)s,
    %(fingerprint)s,
    %(columns)s,
    %(mode)s,
    %(inserted)s,
    %(changed)s,
    %(deleted)s,
    %(row_versions)s
)
returning byte_count
