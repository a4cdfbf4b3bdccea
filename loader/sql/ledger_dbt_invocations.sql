-- The live-table guard of dbt: what the live tables looked like when an invocation began, and what was different when it ended.
-- The facts go when nothing was different. An invocation without an end was killed.
create table if not exists ledger.dbt_invocations (
    invocation_id text primary key,
    command text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    facts text[],
    differences text[]
)
