-- Tables of schema public on which a role was itself granted more than SELECT of the declared columns.
select class.relname::text as table_name
from pg_catalog.pg_class as class
inner join pg_catalog.pg_roles as role
    on role.rolname = %(role)s
where
    class.relnamespace = to_regnamespace('public')
    and class.relowner <> role.oid
    and (
        exists (select 1 from aclexplode(class.relacl) as acl where acl.grantee = role.oid)
        or exists (
            select 1
            from pg_catalog.pg_attribute as attribute
            cross join lateral aclexplode(attribute.attacl) as acl
            where
                attribute.attrelid = class.oid
                and not attribute.attisdropped
                and acl.grantee = role.oid
                and not (
                    acl.privilege_type = 'SELECT'
                    and (class.relname::text, attribute.attname::text) in (
                        select declared.table_name, declared.column_name
                        from unnest(%(tables)s::text[], %(columns)s::text[])
                                as declared (table_name, column_name)
                    )
                )
        )
    )
order by class.relname
