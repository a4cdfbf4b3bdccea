-- In the fallback's own schema: what the role can do beyond reading the relations that are offered.
select class.relname::text as name
from pg_catalog.pg_class as class
where
    class.relnamespace = to_regnamespace(%(schema)s)
    and class.relkind in ('r', 'p', 'v', 'm', 'f')
    and (
        has_any_column_privilege(%(role)s, class.oid, 'INSERT, UPDATE, REFERENCES')
        or has_table_privilege(%(role)s, class.oid, 'DELETE, TRUNCATE, TRIGGER')
        or has_any_column_privilege(%(role)s, class.oid, 'SELECT') <> (class.relname = any(%(offered)s::text[]))
    )
order by class.relname
