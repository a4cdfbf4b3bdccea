-- A collation of this database that orders texts so; none when it has no such one. C.UTF-8 and C.utf8 are the same locale.
select quote_ident(namespace.nspname) || '.' || quote_ident(candidate.collname) as name
from pg_catalog.pg_collation as candidate
inner join pg_catalog.pg_namespace as namespace on candidate.collnamespace = namespace.oid
where
    candidate.collprovider::text = %(provider)s
    and replace(
        lower(
            coalesce(
                to_jsonb(candidate.*) ->> 'colllocale', to_jsonb(candidate.*) ->> 'colliculocale', candidate.collcollate
            )
        ),
        '-',
        ''
    ) = replace(lower(%(locale)s), '-', '')
    and candidate.collencoding in (-1, (select encoding from pg_catalog.pg_database where datname = current_database()))
    and namespace.nspname = 'pg_catalog'
order by candidate.collname
limit 1
