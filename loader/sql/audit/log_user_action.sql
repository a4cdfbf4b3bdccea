-- Writes one event, secrets in its details and metadata masked. What is not given is taken from the transaction's audit.*
-- settings; the same event id twice is one event.
create or replace function public.log_user_action(
    p_user_id text,
    p_action_type text,
    p_entity_type text default null,
    p_entity_id text default null,
    p_action_details jsonb default '{}',
    p_request_path text default null,
    p_request_method text default null,
    p_response_status integer default null,
    p_ip_address inet default null,
    p_user_agent text default null,
    p_session_id text default null,
    p_metadata jsonb default '{}',
    p_event_id uuid default null,
    p_action_timestamp timestamptz default null
) returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- an empty setting is one of an earlier transaction of this session
    actor constant text := coalesce(
        p_user_id,
        nullif(current_setting('audit.user_id', true), ''),
        nullif(current_setting('app.current_user_id', true), '')
    );
    id constant uuid := coalesce(p_event_id, gen_random_uuid());
begin
    insert into public.audit_logs (
        event_id, action_timestamp, user_id, action_type, entity_type, entity_id, request_path, request_method,
        response_status, ip_address, user_agent, session_id, correlation_id, action_details, metadata
    )
    values (
        id,
        coalesce(p_action_timestamp, clock_timestamp()),
        actor,
        p_action_type,
        p_entity_type,
        p_entity_id,
        coalesce(p_request_path, nullif(current_setting('audit.request_path', true), '')),
        coalesce(p_request_method, nullif(current_setting('audit.request_method', true), '')),
        p_response_status,
        coalesce(p_ip_address, public.audit_inet(current_setting('audit.ip_address', true))),
        p_user_agent,
        coalesce(p_session_id, nullif(current_setting('audit.session_id', true), '')),
        nullif(current_setting('audit.correlation_id', true), ''),
        coalesce(public.audit_mask(p_action_details), '{}'),
        case when actor is null then jsonb_build_object('database_user', session_user) else '{}' end
        || coalesce(public.audit_mask(p_metadata), '{}')
    )
    on conflict do nothing;
    return id;
end
$$
