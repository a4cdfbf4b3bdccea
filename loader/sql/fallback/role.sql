-- Attributes of the fallback's role that it must not have; no row when there is no such role.
select
    rolcanlogin,
    array_remove(
        array[
            case when rolsuper then 'superuser' end,
            case when rolcreaterole then 'createrole' end,
            case when rolcreatedb then 'createdb' end,
            case when rolreplication then 'replication' end,
            case when rolbypassrls then 'bypassrls' end
        ],
        null
    ) as attributes,
    array(
        select pg_get_userbyid(membership.roleid)::text
        from pg_catalog.pg_auth_members as membership
        where membership.member = role.oid
        order by 1
    ) as memberships,
    array(
        select pg_describe_object(owned.classid, owned.objid, 0)
        from pg_catalog.pg_shdepend as owned
        where
            owned.refclassid = 'pg_catalog.pg_authid'::regclass
            and owned.refobjid = role.oid
            and owned.deptype = 'o'
            and owned.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
        order by 1
        limit 5
    ) as owned
from pg_catalog.pg_roles as role
where rolname = %(role)s
