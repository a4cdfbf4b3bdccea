-- Live tables whose rows are hidden from roles without BYPASSRLS.
select class.relname::text as table_name
from pg_catalog.pg_class as class
where
    class.relnamespace = to_regnamespace('public')
    and class.relkind in ('r', 'p')
    and class.relrowsecurity
    and class.relname = any(%(tables)s::text[])
order by class.relname
