-- Ledgers of earlier versions did not say how a table was loaded, nor from where on its rows are new; there this stays NULL.
alter table ledger.table_loads
add column if not exists mode text,
add column if not exists inserted bigint,
add column if not exists changed bigint,
add column if not exists deleted bigint,
add column if not exists row_versions jsonb
