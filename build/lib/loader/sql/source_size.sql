-- Bytes of the declared tables in edu, with their indexes.
select coalesce(sum(pg_total_relation_size(class.oid)), 0)::bigint as bytes
from pg_catalog.pg_class as class
where class.relnamespace = to_regnamespace('public') and class.relname = any(%(tables)s::text[])
