-- What an admin that is not a superuser can do with the migration's role and the wrapper.
select
    coalesce(
        (
            select pg_has_role(current_user, role.oid, 'MEMBER')
            from pg_catalog.pg_roles as role
            where role.rolname = %(role)s
        ),
        false
    ) as is_member,
    coalesce(
        (
            select has_foreign_data_wrapper_privilege(current_user, wrapper.oid, 'USAGE')
            from pg_catalog.pg_foreign_data_wrapper as wrapper
            where wrapper.fdwname = 'postgres_fdw'
        ),
        false
    ) as uses_wrapper
