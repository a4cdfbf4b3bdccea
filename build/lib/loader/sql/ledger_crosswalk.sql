-- Which live row stands for which legacy row, how that was found out, and the batch that wrote it down.
create table if not exists ledger.crosswalk (
    entity text not null,
    legacy_id bigint not null,
    live_id uuid not null,
    method text not null,
    score numeric,
    evidence text,
    batch_id text not null,
    primary key (entity, legacy_id)
)
