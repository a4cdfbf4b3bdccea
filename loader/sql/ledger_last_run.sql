-- The last run that went through to its end: what it was asked, what it read, and what it left. One row.
create table if not exists ledger.last_run (
    is_last boolean primary key default true check (is_last),
    batch_id text not null,
    finished_at timestamptz not null default current_timestamp,
    inputs text not null,
    definitions text not null,
    tables jsonb not null,
    outcome jsonb not null
)
