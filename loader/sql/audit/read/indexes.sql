-- Indexes of tables of schema public and of their partitions. A definition is given here where it needs no lock on the table:
-- plain columns in the usual order. is_valid is false for what an interrupted build has left, and for a partitioned one without
-- all its parts.
select
    class.oid::bigint as oid,
    class.relname::text as index_name,
    on_table.relname::text as table_name,
    index_data.indisvalid and index_data.indisready as is_valid,
    (
        select parent.relname::text
        from pg_catalog.pg_inherits as inherits
        inner join pg_catalog.pg_class as parent on inherits.inhparent = parent.oid
        where inherits.inhrelid = class.oid
    ) as parent,
    case
        when index_data.indexprs is null and index_data.indpred is null and class.reloptions is null
            and index_data.indnkeyatts = index_data.indnatts
            and not exists (
                select from unnest(index_data.indoption::smallint[]) as option (bits) where option.bits <> 0
            )
            and not exists (
                select
                from unnest(index_data.indclass::oid[]) as used (oid)
                inner join pg_catalog.pg_opclass as opclass on used.oid = opclass.oid
                where not opclass.opcdefault
            )
            then format('USING %%s (%%s)', access.amname, (
                    select string_agg(quote_ident(attribute.attname), ', ' order by key.position)
                    from unnest(index_data.indkey::smallint[]) with ordinality as key (attnum, position)
                    inner join pg_catalog.pg_attribute as attribute
                        on attribute.attrelid = index_data.indrelid and key.attnum = attribute.attnum
                ))
    end as definition
from pg_catalog.pg_index as index_data
inner join pg_catalog.pg_class as class on index_data.indexrelid = class.oid
inner join pg_catalog.pg_class as on_table on index_data.indrelid = on_table.oid
inner join pg_catalog.pg_am as access on class.relam = access.oid
where class.relnamespace = to_regnamespace('public')
    and (
        on_table.relname = any(%(tables)s::text[])
        or on_table.oid in (
            select inherits.inhrelid
            from pg_catalog.pg_inherits as inherits
            inner join pg_catalog.pg_class as parent on inherits.inhparent = parent.oid
            where parent.relnamespace = to_regnamespace('public') and parent.relname = any(%(tables)s::text[])
        )
    )
