-- Options of the user mapping of one role on the foreign server `edu`, password included; no row when there is none.
-- Only the mapped role itself and superusers see them: NULL for everybody else.
select (select jsonb_object_agg(option_name, option_value) from pg_options_to_table(mapping.umoptions)) as options
from pg_catalog.pg_user_mappings as mapping
where mapping.srvname = 'edu' and mapping.usename = %(role)s
