-- The definition of one index.
select pg_get_indexdef(%(oid)s::oid) as definition
