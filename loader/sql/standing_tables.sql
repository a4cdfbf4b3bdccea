-- Tables that a run builds, copies or keeps its records in; how often it loaded is not a change.
select
    class.relnamespace::regnamespace::text as schema_name,
    class.relname::text as table_name
from pg_class as class
where
    class.relkind = 'r'
    and (
        class.relnamespace in (to_regnamespace('migration'), to_regnamespace('staging'))
        or (
            class.relnamespace = to_regnamespace('ledger')
            and class.relname not in ('table_loads', 'dbt_invocations', 'last_run')
        )
    )
order by 1, 2
