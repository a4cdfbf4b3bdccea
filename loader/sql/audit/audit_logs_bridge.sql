-- Trigger function: keeps the older columns of audit_logs (id, action, resource_type, resource_id, created_at) and the newer
-- ones in step, whichever a program writes.
create or replace function public.audit_logs_bridge() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        new.event_id := coalesce(new.id, new.event_id);
        new.id := new.event_id;
        new.action_type := coalesce(new.action_type, new.action);
        new.action := coalesce(new.action, new.action_type);
        new.entity_type := coalesce(new.entity_type, new.resource_type);
        -- required in the older form: an event without an object is about what happens
        new.resource_type := coalesce(new.resource_type, new.entity_type, new.action_type);
        new.entity_id := coalesce(new.entity_id, new.resource_id);
        new.resource_id := new.entity_id;
        -- The row has found its partition and must stay in it: only a time of the same month can become the event's time.
        if date_trunc('month', new.created_at, 'UTC') = date_trunc('month', new.action_timestamp, 'UTC') then
            new.action_timestamp := new.created_at;
        end if;
        new.created_at := coalesce(new.created_at, new.action_timestamp);
        -- a program of the older form, a trigger above all, knows nothing of the request: the transaction does
        new.user_id := coalesce(new.user_id, nullif(current_setting('audit.user_id', true), ''));
        new.session_id := coalesce(new.session_id, nullif(current_setting('audit.session_id', true), ''));
        new.correlation_id := coalesce(new.correlation_id, nullif(current_setting('audit.correlation_id', true), ''));
        new.request_path := coalesce(new.request_path, nullif(current_setting('audit.request_path', true), ''));
        new.request_method := coalesce(new.request_method, nullif(current_setting('audit.request_method', true), ''));
        if new.ip_address is null and coalesce(current_setting('audit.ip_address', true), '') <> '' then
            begin  -- not audit_inet(): whoever may write the log need not be able to call it
                new.ip_address := current_setting('audit.ip_address', true)::inet;
            exception
                when invalid_text_representation then
                    null;
            end;
        end if;
        return new;
    end if;
    if new.action is distinct from old.action then
        new.action_type := new.action;
    else
        new.action := new.action_type;
    end if;
    if new.resource_type is distinct from old.resource_type then
        new.entity_type := new.resource_type;
    elsif new.entity_type is distinct from old.entity_type then
        new.resource_type := coalesce(new.entity_type, new.action_type);
    end if;
    if new.resource_id is distinct from old.resource_id then
        new.entity_id := new.resource_id;
    else
        new.resource_id := new.entity_id;
    end if;
    return new;
end
$$
