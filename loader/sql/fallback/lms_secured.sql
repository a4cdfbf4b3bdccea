-- Tables with row-level security.
select class.relname::text as table_name
from pg_catalog.pg_class as class
where
    class.relnamespace = to_regnamespace('public')
    and class.relname = any(%(tables)s::text[])
    and class.relrowsecurity
order by class.relname
