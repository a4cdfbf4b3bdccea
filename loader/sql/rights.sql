-- Which of the wanted rights on tables (column_name null) and columns a role has. A missing table or column counts as no right.
select
    wanted.table_name,
    wanted.column_name,
    wanted.privilege,
    class.oid is not null as table_exists,
    coalesce(
        case
            when role.oid is null then false
            when wanted.column_name is null then has_table_privilege(role.oid, class.oid, wanted.privilege)
            else has_column_privilege(role.oid, class.oid, attribute.attnum, wanted.privilege)
        end,
        false
    ) as granted
from unnest(%(tables)s::text[], %(columns)s::text[], %(privileges)s::text[])
        as wanted (table_name, column_name, privilege)
left join pg_catalog.pg_roles as role
    on role.rolname = %(role)s
left join pg_catalog.pg_class as class
    on
        wanted.table_name = class.relname
        and class.relnamespace = to_regnamespace('public')
        and class.relkind in ('r', 'p', 'v', 'm', 'f')
left join pg_catalog.pg_attribute as attribute
    on
        class.oid = attribute.attrelid
        and wanted.column_name = attribute.attname
        and not attribute.attisdropped
order by wanted.table_name, wanted.privilege, attribute.attnum
