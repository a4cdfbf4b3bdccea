-- What every role of this database may do, and that cannot be kept from one role alone.
select
    'makes temporary tables' as what,
    format('revoke temporary on database %%I from public', current_database()) as fix
where has_database_privilege(%(role)s, current_database(), 'TEMPORARY')
union all
select
    'makes schemas',
    format('revoke create on database %%I from public', current_database())
where has_database_privilege(%(role)s, current_database(), 'CREATE')
union all
select
    'makes tables in schema ' || namespace.nspname,
    format('revoke create on schema %%I from public', namespace.nspname)
from pg_catalog.pg_namespace as namespace
where
    namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and namespace.nspname !~ '^pg_(toast_)?temp_'
    and has_schema_privilege(%(role)s, namespace.oid, 'CREATE')
union all
select
    'calls ' || function.oid::regprocedure::text || ', which acts with its owner''s rights',
    format('revoke execute on function %%s from public', function.oid::regprocedure)
from pg_catalog.pg_proc as function
inner join pg_catalog.pg_namespace as namespace on function.pronamespace = namespace.oid
where
    function.prosecdef
    and namespace.nspname not in ('pg_catalog', 'information_schema')
    and has_schema_privilege(%(role)s, namespace.oid, 'USAGE')
    and has_function_privilege(%(role)s, function.oid, 'EXECUTE')
