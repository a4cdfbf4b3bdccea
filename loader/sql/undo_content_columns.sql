-- The columns over which the hashes of live rows are taken.
select entity, columns from ledger.content_columns
