-- Ledgers of the first version did not say how a table was loaded; there these columns stay NULL.
alter table ledger.table_loads
add column if not exists mode text,
add column if not exists inserted bigint,
add column if not exists changed bigint,
add column if not exists deleted bigint
