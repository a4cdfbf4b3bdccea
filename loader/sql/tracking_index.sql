-- State of an index of schema public: valid, unique, partial (its column is not null), and its columns; no row when there is
-- none.
select
    index_data.indisvalid and index_data.indisready as is_valid,
    index_data.indisunique as is_unique,
    -- one NOT NULL test and nothing else; read off the stored tree, because pg_get_expr() would lock the live table
    index_data.indexprs is null
    and index_data.indpred::text ~ '^[({]+NULLTEST [^{]*[{]VAR [^}]*[}] :nulltesttype 1 [^{]*$' as is_partial,
    on_table.relname::text as table_name,
    array(
        select attribute.attname::text
        from unnest(index_data.indkey::smallint[]) with ordinality as key (attnum, position)
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = index_data.indrelid and key.attnum = attribute.attnum
        order by key.position
    ) as columns
from pg_catalog.pg_class as class
inner join pg_catalog.pg_index as index_data
    on class.oid = index_data.indexrelid
inner join pg_catalog.pg_class as on_table
    on index_data.indrelid = on_table.oid
where class.relnamespace = to_regnamespace('public') and class.relname = %(index)s
