-- One row per event: a login, a request, a page view, a change of a row, an error. An event carries its id and its time from
-- birth, so that writing it again is harmless: insert … on conflict do nothing.
create table public.audit_logs (
    event_id uuid not null default gen_random_uuid(),
    action_timestamp timestamptz not null default clock_timestamp(),
    user_id text,
    action_type text not null,
    entity_type text,
    entity_id text,
    request_path text,
    request_method text,
    route text,
    response_status integer,
    response_ms double precision,
    ip_address inet,
    user_agent text,
    session_id text,
    correlation_id text,
    error_class text,
    error_fingerprint text,
    old_values jsonb,
    new_values jsonb,
    action_details jsonb not null default '{}',
    metadata jsonb not null default '{}',
    primary key (event_id, action_timestamp)
) partition by range (action_timestamp)
