-- Runs of dbt on this database: only the times of one of these are shown.
select invocation_id, command, started_at, ended_at from ledger.dbt_invocations order by started_at desc limit 200
