-- The new table gets the columns that only the older one has: id, action, resource_type, resource_id, created_at, and any other.
do $$
declare
    item record;
begin
    -- the bridge fills id and created_at; a default would only hide what a program has given
    for item in
        select
            older.attname,
            format_type(older.atttypid, older.atttypmod) as type_name,
            case when older.attname not in ('id', 'created_at') then
                ' default ' || pg_get_expr(column_default.adbin, column_default.adrelid)
            end as default_clause
        from pg_catalog.pg_attribute as older
        left join pg_catalog.pg_attrdef as column_default
            on column_default.adrelid = older.attrelid and column_default.adnum = older.attnum
        where older.attrelid = 'public.audit_logs_older'::regclass
            and older.attnum > 0 and not older.attisdropped and older.attname <> 'user_id_before'
            and not exists (
                select from pg_catalog.pg_attribute as newer
                where newer.attrelid = 'public.audit_logs'::regclass and newer.attname = older.attname
            )
        order by older.attnum
    loop
        execute format('alter table public.audit_logs add column %I %s%s', item.attname, item.type_name, item.default_clause);
    end loop;
end
$$
