-- Columns of the declared tables that are not declared and that the role can read nevertheless.
select
    class.relname::text as table_name,
    attribute.attname::text as column_name
from pg_catalog.pg_class as class
inner join pg_catalog.pg_attribute as attribute
    on class.oid = attribute.attrelid
where
    class.relnamespace = to_regnamespace('public')
    and class.relname = any(%(tables)s::text[])
    and attribute.attnum > 0
    and not attribute.attisdropped
    and has_column_privilege(%(role)s, class.oid, attribute.attnum, 'SELECT')
    and not exists (
        select 1
        from unnest(%(tables)s::text[], %(columns)s::text[]) as declared (table_name, column_name)
        where declared.table_name = class.relname and declared.column_name = attribute.attname
    )
order by class.relname, attribute.attnum
