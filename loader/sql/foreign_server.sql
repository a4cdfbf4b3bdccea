-- The foreign server `edu`: wrapper and options; no row when there is none.
select
    wrapper.fdwname::text as wrapper,
    coalesce(
        (select jsonb_object_agg(option_name, option_value) from pg_options_to_table(server.srvoptions)),
        '{}'
    ) as options
from pg_catalog.pg_foreign_server as server
inner join pg_catalog.pg_foreign_data_wrapper as wrapper
    on server.srvfdw = wrapper.oid
where server.srvname = 'edu'
