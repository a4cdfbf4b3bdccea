-- The same in the older form of the audit trail, which `prepare` has not seen yet.
insert into public.audit_logs (action, resource_type, new_values)
values (
    'undo',
    %(table)s,
    jsonb_build_object('batch_id', %(batch)s::text, 'deleted', %(deleted)s::bigint, 'restored', %(restored)s::bigint)
)
