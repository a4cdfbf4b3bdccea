-- The block checksums of each copy at its last load, and the mark of the row versions they were computed from.
create table if not exists ledger.copy_checksums (
    table_name text primary key,
    query text not null,
    mark text not null,
    numbers integer[] not null,
    row_counts bigint[] not null,
    totals numeric[] not null
)
