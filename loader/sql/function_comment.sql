-- Comment of a function in schema ledger: it holds the hash of the file that made it.
select obj_description(procedure.oid, 'pg_proc') as comment
from pg_catalog.pg_proc as procedure
where
    procedure.pronamespace = to_regnamespace('ledger')
    and procedure.proname = %(name)s
