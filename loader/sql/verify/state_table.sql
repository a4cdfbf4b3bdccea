-- What each verification found, and, while it runs, where it is: a later one can go on there.
create table if not exists ledger.verifications (
    verification_id text primary key,
    started_at timestamptz not null default current_timestamp,
    finished_at timestamptz,
    batch_id text,
    options jsonb not null,
    snapshots integer not null default 1,
    place jsonb,
    results jsonb not null default '[]',
    verdict text
)
