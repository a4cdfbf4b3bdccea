-- Attributes of one role; no row when there is no such role.
select
    rolsuper,
    rolcreaterole,
    rolbypassrls,
    rolcanlogin,
    coalesce(
        (
            select 'default_transaction_read_only=on' = any(setting.setconfig)
            from pg_catalog.pg_db_role_setting as setting
            where setting.setrole = role.oid and setting.setdatabase = 0
        ),
        false
    ) as reads_only
from pg_catalog.pg_roles as role
where rolname = %(role)s
