-- Whether the view that was tried has the same columns as the one that is there.
select
    array(
        select (attname, atttypid, atttypmod)::text from pg_catalog.pg_attribute
        where attrelid = 'pg_temp.audit_try'::regclass and attnum > 0 order by attnum
    ) = array(
        select (attname, atttypid, atttypmod)::text from pg_catalog.pg_attribute
        where attrelid = %(oid)s::oid and attnum > 0 order by attnum
    ) as is_same
