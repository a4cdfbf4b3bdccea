-- What each load brought: counts, sizes and fingerprints of the raw copies. No dbt command touches it.
create table if not exists ledger.table_loads (
    load_id text not null,
    table_name text not null,
    loaded_at timestamptz not null default current_timestamp,
    row_count bigint not null,
    byte_count bigint not null,
    seconds double precision not null,
    fingerprint text not null,
    columns jsonb not null,
    primary key (load_id, table_name)
)
