-- One row per session, from login to its end. session_id is never the application's secret session key.
create table public.user_sessions (
    session_id text primary key,
    user_id text,
    login_timestamp timestamptz not null default clock_timestamp(),
    last_activity_timestamp timestamptz not null default clock_timestamp(),
    logout_timestamp timestamptz,
    ip_address inet,
    user_agent text,
    device_type text,
    browser text,
    operating_system text,
    session_duration_seconds integer,
    end_reason text constraint user_sessions_end_reason_check check (end_reason in ('logout', 'idle', 'expired', 'replaced')),
    metadata jsonb not null default '{}'
)
