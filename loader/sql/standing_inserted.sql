-- Rows that a publication inserted, per live table.
select entity as table_name, inserted from ledger.batch_tables where batch_id = %(batch)s
