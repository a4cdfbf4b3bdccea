-- A collation of this database that orders texts so; none when it has no such one.
select quote_ident(nspname) || '.' || quote_ident(collname) as name
from pg_catalog.pg_collation as collation
inner join pg_catalog.pg_namespace as namespace on collation.collnamespace = namespace.oid
where
    collation.collprovider::text = %(provider)s
    and coalesce(
        to_jsonb(collation.*) ->> 'colllocale', to_jsonb(collation.*) ->> 'colliculocale', collation.collcollate
    ) = %(locale)s
    and collation.collencoding in (-1, (select encoding from pg_catalog.pg_database where datname = current_database()))
    and namespace.nspname = 'pg_catalog'
order by collation.collname
limit 1
