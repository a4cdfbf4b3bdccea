-- Writes events of a batch into audit_logs. One that is there already is left alone: a replay changes nothing.
-- No conflict target: the application's role needs no right to read.
insert into audit_logs (
    event_id,
    action_timestamp,
    user_id,
    action_type,
    entity_type,
    entity_id,
    request_path,
    request_method,
    route,
    response_status,
    response_ms, ip_address, user_agent, session_id, correlation_id, error_class, error_fingerprint, action_details, metadata
)
select
    event.event_id, event.action_timestamp, event.user_id, event.action_type, event.entity_type, event.entity_id,
    event.request_path, event.request_method, event.route, event.response_status, event.response_ms, event.ip_address,
    event.user_agent, event.session_id, event.correlation_id, event.error_class, event.error_fingerprint,
    coalesce(event.action_details, '{}'), coalesce(event.metadata, '{}')
from json_to_recordset(%(rows)s) as event (
        event_id uuid,
        action_timestamp timestamptz,
        user_id text,
        action_type text,
        entity_type text,
        entity_id text,
        request_path text,
        request_method text, route text, response_status integer, response_ms double precision, ip_address inet, user_agent text,
        session_id text, correlation_id text, error_class text, error_fingerprint text, action_details jsonb, metadata jsonb
    )
on conflict do nothing
