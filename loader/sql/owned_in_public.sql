-- What a role owns in the application's schema (directly or as a member of the owner): must be nothing.
select format('%%I.%%I', namespace.nspname, class.relname) as relation
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on class.relnamespace = namespace.oid
where
    namespace.nspname = 'public'
    and class.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    and exists (select 1 from pg_catalog.pg_roles where rolname = %(role)s)
    and pg_has_role(%(role)s, class.relowner, 'MEMBER')
order by class.relname
