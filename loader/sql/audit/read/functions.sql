-- Functions of schema public by name, with their comments.
select
    procedure.proname::text as name,
    obj_description(procedure.oid, 'pg_proc') as comment
from pg_catalog.pg_proc as procedure
where procedure.pronamespace = to_regnamespace('public') and procedure.proname = any(%(names)s::text[])
