-- What each load brought, as edu itself counted it in the snapshot of the load. No dbt command touches it.
-- The fingerprint is the sum of the row hashes and their number. Mode: full or incremental. Row versions: from which transactions
-- on a row counts as written since, on either side; NULL where only its content can tell.
create table if not exists ledger.table_loads (
    load_id text not null,
    table_name text not null,
    loaded_at timestamptz not null default current_timestamp,
    row_count bigint not null,
    byte_count bigint not null,
    seconds double precision not null,
    fingerprint text not null,
    columns jsonb not null,
    mode text,
    inserted bigint,
    changed bigint,
    deleted bigint,
    row_versions jsonb,
    primary key (load_id, table_name)
)
