-- What a batch did to each table.
create table if not exists ledger.batch_tables (
    batch_id text not null references ledger.batches,
    entity text not null,
    inserted bigint not null,
    tracked bigint not null,
    updated bigint not null,
    withdrawn bigint not null default 0,
    seconds double precision,
    primary key (batch_id, entity)
)
