-- Tables of schema public by name: their kind, storage options and partitions.
select
    class.relname::text as table_name,
    class.relkind::text as kind,
    class.reloptions as options,
    array(
        select child.relname::text
        from pg_catalog.pg_inherits as inherits
        inner join pg_catalog.pg_class as child on inherits.inhrelid = child.oid
        where inherits.inhparent = class.oid
        order by child.relname
    ) as partitions
from pg_catalog.pg_class as class
where class.relnamespace = to_regnamespace('public') and class.relname = any(%(tables)s::text[])
