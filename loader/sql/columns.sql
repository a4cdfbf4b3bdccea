-- Columns of tables of one schema, with their types as format_type spells them, in their order.
select
    class.relname::text as table_name,
    attribute.attname::text as column_name,
    format_type(attribute.atttypid, attribute.atttypmod) as data_type
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on class.relnamespace = namespace.oid
inner join pg_catalog.pg_attribute as attribute
    on class.oid = attribute.attrelid
where
    namespace.nspname = %(schema)s
    and (%(tables)s::text[] is null or class.relname = any(%(tables)s::text[]))
    and class.relkind in ('r', 'p', 'f', 'v', 'm')
    and attribute.attnum > 0
    and not attribute.attisdropped
order by class.relname, attribute.attnum
