-- Legacy values that did not move as they stand, with the raw value, for every published row.
create table if not exists ledger.value_warnings (
    batch_id text not null references ledger.batches,
    entity text not null,
    legacy_id bigint not null,
    column_name text not null,
    warning text not null,
    raw_value text,
    primary key (entity, legacy_id, column_name, warning)
)
