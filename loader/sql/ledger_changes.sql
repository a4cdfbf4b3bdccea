-- What a batch changed in live rows that were there: the values before and after, and the crosswalk entry before. The way back.
create table if not exists ledger.changes (
    batch_id text not null references ledger.batches deferrable initially deferred,
    entity text not null,
    legacy_id bigint not null,
    live_id uuid not null,
    kind text not null,
    before jsonb not null,
    after jsonb not null,
    crosswalk_before jsonb,
    primary key (batch_id, entity, legacy_id, kind)
)
