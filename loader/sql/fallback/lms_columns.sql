-- Columns of the application's tables, in their order. A type of the application's own is offered as text.
select
    class.relname::text as table_name,
    attribute.attname::text as column_name,
    type.typnamespace = 'pg_catalog'::regnamespace as is_builtin,
    pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as data_type,
    attribute.attcollation = 'pg_catalog.default'::regcollation as has_default_collation
from pg_catalog.pg_attribute as attribute
inner join pg_catalog.pg_class as class on attribute.attrelid = class.oid
inner join pg_catalog.pg_type as type on attribute.atttypid = type.oid
where
    class.relnamespace = to_regnamespace('public')
    and class.relkind in ('r', 'p')
    and class.relname = any(%(tables)s::text[])
    and attribute.attnum > 0
    and not attribute.attisdropped
order by class.relname, attribute.attnum
