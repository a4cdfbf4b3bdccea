-- The last run that went through to its end.
select batch_id, finished_at, inputs, definitions, tables, outcome from ledger.last_run
