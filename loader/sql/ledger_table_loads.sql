-- What each load brought, as edu itself counted it in the snapshot of the load. No dbt command touches it.
-- The fingerprint is the sum of the row hashes and their number. Mode: full or incremental.
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
    primary key (load_id, table_name)
)
