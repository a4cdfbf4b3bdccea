-- Keeps what the run that has just ended was asked, what it read, and what it left.
insert into ledger.last_run (batch_id, inputs, definitions, tables, outcome)
values (%(batch_id)s, %(inputs)s, %(definitions)s, %(tables)s, %(outcome)s)
on conflict (is_last) do update set
    batch_id = excluded.batch_id,
    finished_at = current_timestamp,
    inputs = excluded.inputs,
    definitions = excluded.definitions,
    tables = excluded.tables,
    outcome = excluded.outcome
