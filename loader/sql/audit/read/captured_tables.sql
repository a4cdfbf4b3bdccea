-- Tables of schema public, with the column of their primary key where it has only one.
select
    class.relname::text as table_name,
    (
        select attribute.attname::text
        from pg_catalog.pg_index as index_data
        inner join pg_catalog.pg_attribute as attribute
            on index_data.indrelid = attribute.attrelid and attribute.attnum = index_data.indkey[0]
        where index_data.indrelid = class.oid and index_data.indisprimary and index_data.indnkeyatts = 1
    ) as key_column
from pg_catalog.pg_class as class
where class.relnamespace = to_regnamespace('public') and class.relname = any(%(tables)s::text[]) and class.relkind in ('r', 'p')
