-- Batches of the first version could not be taken back.
alter table ledger.batches
add column if not exists undone_at timestamptz
