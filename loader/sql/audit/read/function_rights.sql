-- Which functions of schema public a role may call by a grant of its own; one that is missing counts as no right.
select
    wanted.name,
    coalesce(
        (
            select bool_or(acl.grantee = role.oid)
            from pg_catalog.pg_proc as procedure
            cross join lateral aclexplode(procedure.proacl) as acl
            where procedure.pronamespace = to_regnamespace('public') and procedure.proname = wanted.name
        ),
        false
    ) as granted
from unnest(%(names)s::text[]) as wanted (name)
left join pg_catalog.pg_roles as role on role.rolname = %(role)s
order by wanted.name
