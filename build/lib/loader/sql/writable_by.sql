-- Tables of schema public that a role may change, by whatever way it got the right.
select
    class.relname::text as table_name,
    string_agg(right_to.privilege, ', ' order by right_to.privilege) as privileges
from pg_catalog.pg_class as class
cross join unnest(%(privileges)s::text[]) as right_to (privilege)
where
    class.relnamespace = to_regnamespace('public')
    and class.relkind in ('r', 'p')
    and has_table_privilege(%(role)s, class.oid, right_to.privilege)
group by class.relname
order by class.relname
