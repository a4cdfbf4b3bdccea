-- Trigger function: one row in audit_logs per created, updated or deleted row of the application, old and new values with
-- secrets masked, for an update only the columns that changed. Once per statement, so that bulk writes cost little. Actor and
-- request come from the transaction's audit.* settings. The migration's own batches write one row per table instead.
create or replace function public.audit_capture() returns trigger
language plpgsql
-- Whoever may write the table need not be able to write the log. Nobody but the owner may make a trigger of it: on a table of
-- their own others could log what they like, and run code of theirs with the owner's rights.
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    key_column constant text := tg_argv[0];
    actor constant text := coalesce(
        nullif(current_setting('audit.user_id', true), ''), nullif(current_setting('app.current_user_id', true), '')
    );
    path constant text := nullif(current_setting('audit.request_path', true), '');
    method constant text := nullif(current_setting('audit.request_method', true), '');
    address constant inet := public.audit_inet(current_setting('audit.ip_address', true));
    session constant text := nullif(current_setting('audit.session_id', true), '');
    correlation constant text := nullif(current_setting('audit.correlation_id', true), '');
    extra constant jsonb := case when actor is null then jsonb_build_object('database_user', session_user) else '{}' end;
begin
    -- the role of the migration, in a publication or its undoing
    if session_user = tg_argv[1] and coalesce(current_setting('audit.batch', true), '') <> '' then
        return null;
    end if;

    if tg_op = 'INSERT' then
        insert into public.audit_logs (
            user_id, action_type, entity_type, entity_id, new_values,
            request_path, request_method, ip_address, session_id, correlation_id, metadata
        )
        select
            actor, 'create', tg_table_name, after.doc ->> key_column, public.audit_mask(after.doc),
            path, method, address, session, correlation, extra
        from (select to_jsonb(new_rows) as doc from new_rows) as after;
    elsif tg_op = 'DELETE' then
        insert into public.audit_logs (
            user_id, action_type, entity_type, entity_id, old_values,
            request_path, request_method, ip_address, session_id, correlation_id, metadata
        )
        select
            actor, 'delete', tg_table_name, before.doc ->> key_column, public.audit_mask(before.doc),
            path, method, address, session, correlation, extra
        from (select to_jsonb(old_rows) as doc from old_rows) as before;
    elsif tg_op = 'UPDATE' then
        insert into public.audit_logs (
            user_id, action_type, entity_type, entity_id, old_values, new_values,
            request_path, request_method, ip_address, session_id, correlation_id, metadata
        )
        select
            actor, 'update', tg_table_name, coalesce(before.doc ->> key_column, after.doc ->> key_column),
            public.audit_mask(changed.old), public.audit_mask(changed.new),
            path, method, address, session, correlation, extra
        from (select to_jsonb(old_rows) as doc from old_rows) as before
        -- where the key itself was changed, the old row and the new one stand alone
        full join (select to_jsonb(new_rows) as doc from new_rows) as after
            on before.doc ->> key_column = after.doc ->> key_column
        cross join lateral (
            select
                jsonb_object_agg(coalesce(was.key, becomes.key), was.value) as old,
                jsonb_object_agg(coalesce(was.key, becomes.key), becomes.value) as new
            from jsonb_each(before.doc) as was
            full join jsonb_each(after.doc) as becomes on was.key = becomes.key
            where was.value is distinct from becomes.value
        ) as changed
        where changed.old is not null;
    else
        insert into public.audit_logs (
            user_id, action_type, entity_type, action_details,
            request_path, request_method, ip_address, session_id, correlation_id, metadata
        )
        values (actor, 'delete', tg_table_name, '{"truncated": true}', path, method, address, session, correlation, extra);
    end if;
    return null;
end
$$
