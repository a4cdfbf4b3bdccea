-- What the guard must know about a role: can it change live definitions itself, and which live tables hide rows from it?
select
    exists(
        select 1 from pg_catalog.pg_class as class
        where
            class.relnamespace = to_regnamespace('public')
            and class.relkind in ('r', 'p', 'v', 'm')
            and pg_has_role(role.oid, class.relowner, 'MEMBER')
    ) as owns_live_tables,
    case when role.rolbypassrls or role.rolsuper then '{}' else array(
                select class.relname::text
                from pg_catalog.pg_class as class
                where
                    class.relnamespace = to_regnamespace('public')
                    and class.relkind in ('r', 'p')
                    and class.relrowsecurity
                    and class.relname = any(%(tables)s::text[])
                order by class.relname
            )
    end as hidden_tables
from pg_catalog.pg_roles as role
where role.rolname = %(role)s
