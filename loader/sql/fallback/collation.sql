-- How this database orders texts. Where the locale of other providers stands depends on the version.
select
    datlocprovider::text as provider,
    coalesce(
        to_jsonb(pg_database.*) ->> 'datlocale', to_jsonb(pg_database.*) ->> 'daticulocale', datcollate
    ) as locale
from pg_catalog.pg_database
where datname = current_database()
