-- Everything in this database that the role can read or write beside the fallback's own schema, by whatever way it got the right,
-- with the statement that takes it away. What PostgreSQL itself gives to everybody (pg_catalog, information_schema) is left out.
with relations as (
    select
        class.oid,
        format('%%I.%%I', namespace.nspname, class.relname) as name,
        class.relkind
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
    where
        class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and namespace.nspname <> all(%(schemas)s::text[])
        and namespace.nspname !~ '^pg_(toast_)?temp_'
        and has_schema_privilege(%(role)s, namespace.oid, 'USAGE')
)

select
    relations.name,
    format(
        'revoke all on %%s %%s from %%I, public',
        case when relations.relkind = 'S' then 'sequence' else 'table' end,
        relations.name,
        %(role)s
    ) as fix
from relations
where
    case
        when relations.relkind = 'S' then has_sequence_privilege(%(role)s, relations.oid, 'USAGE, SELECT, UPDATE')
        else
            has_any_column_privilege(%(role)s, relations.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
            or has_table_privilege(%(role)s, relations.oid, 'DELETE, TRUNCATE, TRIGGER')
    end
order by relations.name
