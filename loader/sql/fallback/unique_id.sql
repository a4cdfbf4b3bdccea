-- Legacy tables in which an index proves that no id is there twice, and that a view can look rows up by.
select class.relname::text as table_name
from pg_catalog.pg_index as index
inner join pg_catalog.pg_class as class on index.indrelid = class.oid
inner join pg_catalog.pg_attribute as attribute
    on class.oid = attribute.attrelid and attribute.attnum = index.indkey[0]
where
    class.relnamespace = to_regnamespace('public')
    and class.relname = any(%(tables)s::text[])
    and index.indisunique
    and index.indisvalid
    and index.indimmediate
    and index.indpred is null
    and index.indnkeyatts = 1
    and attribute.attname = 'id'
