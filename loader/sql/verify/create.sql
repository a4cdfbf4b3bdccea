-- Makes a work table of the session, empty: afterwards the transaction is read-only.
create temporary table {table} on commit drop as {query} with no data
