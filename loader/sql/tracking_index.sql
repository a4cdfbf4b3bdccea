-- State of an index of schema public: valid, unique, its predicate and its columns; no row when there is none.
select
    index_data.indisvalid and index_data.indisready as is_valid,
    index_data.indisunique as is_unique,
    pg_get_expr(index_data.indpred, index_data.indrelid) as predicate,
    on_table.relname::text as table_name,
    array(
        select attribute.attname::text
        from unnest(index_data.indkey::smallint[]) with ordinality as key (attnum, position)
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = index_data.indrelid and attribute.attnum = key.attnum
        order by key.position
    ) as columns
from pg_catalog.pg_class as class
inner join pg_catalog.pg_index as index_data
    on index_data.indexrelid = class.oid
inner join pg_catalog.pg_class as on_table
    on on_table.oid = index_data.indrelid
where class.relnamespace = to_regnamespace('public') and class.relname = %(index)s
