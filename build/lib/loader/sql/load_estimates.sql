-- How many rows each table is thought to have (statistics of edu); -1 when never analysed.
select class.relname::text as table_name, class.reltuples::bigint as estimate
from pg_catalog.pg_class as class
where class.relnamespace = to_regnamespace('public') and class.relname = any(%(tables)s::text[])
