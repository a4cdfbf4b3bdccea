-- Comment of a schema; no row when there is no such schema.
select obj_description(oid, 'pg_namespace') as comment
from pg_catalog.pg_namespace
where nspname = %(schema)s
