-- One row per page that a person has seen, with the seconds for which it was visible.
create table public.page_views (
    view_id uuid not null default gen_random_uuid(),
    view_timestamp timestamptz not null default clock_timestamp(),
    user_id text,
    session_id text,
    page_path text not null,
    page_title text,
    route text,
    referrer text,
    time_on_page_seconds double precision,
    correlation_id text,
    ip_address inet,
    user_agent text,
    metadata jsonb not null default '{}',
    primary key (view_id, view_timestamp)
) partition by range (view_timestamp)
