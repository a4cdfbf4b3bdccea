-- The row-level security that the application's role meets when it reads a table. The text names tables without schema: so it
-- means the fallback's relations where the view is made.
select
    class.relname::text as table_name,
    policy.polname::text as policy,
    policy.polpermissive as is_permissive,
    coalesce(pg_catalog.pg_get_expr(policy.polqual, policy.polrelid), 'true') as condition
from pg_catalog.pg_class as class
inner join pg_catalog.pg_roles as role on role.rolname = %(role)s
left join pg_catalog.pg_policy as policy
    on
        class.oid = policy.polrelid
        and policy.polcmd in ('r', '*')
        and exists (
            select 1
            from unnest(policy.polroles) as subject (id)
            where case when subject.id = 0 then true else pg_has_role(role.oid, subject.id, 'USAGE') end
        )
where
    class.relnamespace = to_regnamespace('public')
    and class.relname = any(%(tables)s::text[])
    and class.relrowsecurity
    and not role.rolsuper
    and not role.rolbypassrls
    and (class.relforcerowsecurity or not pg_has_role(role.oid, class.relowner, 'USAGE'))
order by class.relname, policy.polname
