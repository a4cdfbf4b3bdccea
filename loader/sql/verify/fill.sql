-- Fills a work table that was made empty.
insert into {table} {query}
