-- Owner of a schema; no row when there is none.
select pg_get_userbyid(nspowner)::text as owner
from pg_catalog.pg_namespace
where nspname = %(schema)s
