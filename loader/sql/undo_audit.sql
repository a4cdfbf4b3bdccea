-- One line in the application's audit trail per table.
insert into public.audit_logs (action, resource_type, new_values)
values ('undo', %(table)s, jsonb_build_object('batch_id', %(batch)s::text, 'deleted', %(deleted)s::bigint, 'restored', %(restored)s::bigint))
