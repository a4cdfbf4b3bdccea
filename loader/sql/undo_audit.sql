-- One line in the application's audit trail per table.
insert into public.audit_logs (action_type, entity_type, new_values, metadata)
values (
    'undo',
    %(table)s,
    jsonb_build_object('batch_id', %(batch)s::text, 'deleted', %(deleted)s::bigint, 'restored', %(restored)s::bigint),
    jsonb_build_object('database_user', session_user, 'batch_id', %(batch)s::text)
)
