-- Renaming locks no table: readers go on, and find the new relations with their next statement.
alter schema {new} rename to {current}
