-- Batches of the first version withdrew nothing.
alter table ledger.batch_tables
add column if not exists withdrawn bigint not null default 0
