-- Tables whose content changes only when a row version is written: no other table's rows, no computed column, and no policy
-- unless somebody else watches them. The shape changes when the table or one of its columns is another one. A key: ids are unique
-- and never NULL.
select
    class.relname::text as table_name,
    (
        select
            format('%%s/%%s', class.oid, md5(string_agg(
                format('%%s %%s %%s %%s', attribute.attnum, attribute.attname, attribute.atttypid, attribute.atttypmod),
                ',' order by attribute.attnum
            )))
        from pg_attribute as attribute
        where attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
    ) as shape,
    exists(
        select 1
        from pg_index as unique_index
        inner join pg_attribute as attribute
            on unique_index.indrelid = attribute.attrelid and attribute.attnum = unique_index.indkey[0]
        where
            unique_index.indrelid = class.oid
            and unique_index.indisunique
            and unique_index.indisvalid
            and unique_index.indpred is null
            and unique_index.indnkeyatts = 1
            and attribute.attname = 'id'
            and attribute.attnotnull
    ) as has_key
from pg_class as class
where
    class.relnamespace = to_regnamespace(%(schema)s)
    and class.relname = any(%(tables)s::text[])
    and class.relkind = 'r'
    and not class.relispartition
    and (not class.relrowsecurity or %(guarded)s)
    and not class.relhassubclass
    and has_column_privilege(class.oid, 'xmin', 'SELECT')
    and not exists (
        select 1
        from pg_attribute as attribute
        where attribute.attrelid = class.oid and attribute.attgenerated = 'v'
    )
