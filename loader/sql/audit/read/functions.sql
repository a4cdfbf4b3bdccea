-- Functions of schema public by name, with their comments, and whether others than their owner may call them.
select
    procedure.proname::text as name,
    obj_description(procedure.oid, 'pg_proc') as comment,
    (
        select coalesce(bool_or(acl.grantee <> procedure.proowner), false)
        from aclexplode(coalesce(procedure.proacl, acldefault('f', procedure.proowner))) as acl
    ) as is_for_others
from pg_catalog.pg_proc as procedure
where procedure.pronamespace = to_regnamespace('public') and procedure.proname = any(%(names)s::text[])
