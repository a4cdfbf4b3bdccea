-- One row per publication, with the decisions (dbt vars) under which it was made.
create table if not exists ledger.batches (
    batch_id text primary key,
    started_at timestamptz not null,
    published_at timestamptz,
    courses integer,
    decisions jsonb not null default '{}',
    undone_at timestamptz
)
