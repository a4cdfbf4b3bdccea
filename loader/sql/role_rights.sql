-- Rights of a role that are not on tables.
select
    has_schema_privilege(role.oid, 'public', 'USAGE') as uses_public,
    has_schema_privilege(role.oid, 'public', 'CREATE') as creates_in_public,
    has_database_privilege(role.oid, current_database(), 'CONNECT') as connects,
    has_parameter_privilege(role.oid, 'session_replication_role', 'SET') as sets_replication_role,
    coalesce(
        (
            select has_server_privilege(role.oid, server.oid, 'USAGE')
            from pg_catalog.pg_foreign_server as server
            where server.srvname = 'edu'
        ),
        false
    ) as uses_server
from pg_catalog.pg_roles as role
where role.rolname = %(role)s
