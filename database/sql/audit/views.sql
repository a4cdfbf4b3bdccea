-- Writes page views, and what the browser reports about them later. The two may arrive in any order, and more than once: who and
-- where comes from the server's own row, the time is the longest that was reported.
insert into page_views as page_view (
    view_id, view_timestamp, user_id, session_id, page_path, page_title, route, referrer, time_on_page_seconds, correlation_id,
    ip_address, user_agent, metadata
)
select
    event.view_id, event.view_timestamp, event.user_id, event.session_id, event.page_path, event.page_title, event.route,
    event.referrer, event.time_on_page_seconds, event.correlation_id, event.ip_address, event.user_agent,
    coalesce(event.metadata, '{}')
from json_to_recordset(%(rows)s) as event (
        view_id uuid, view_timestamp timestamptz, user_id text, session_id text, page_path text, page_title text, route text,
        referrer text,
        time_on_page_seconds double precision,
        correlation_id text,
        ip_address inet,
        user_agent text,
        metadata jsonb
    )
on conflict (view_id, view_timestamp) do update set
    time_on_page_seconds = greatest(page_view.time_on_page_seconds, excluded.time_on_page_seconds),
    page_title = coalesce(excluded.page_title, page_view.page_title),
    referrer = case
        when excluded.metadata ->> 'source' = 'server' then coalesce(excluded.referrer, page_view.referrer)
        else coalesce(page_view.referrer, excluded.referrer)
    end,
    user_id = case
        when excluded.metadata ->> 'source' = 'server' then excluded.user_id
        when page_view.metadata ->> 'source' = 'server' then page_view.user_id
        else coalesce(page_view.user_id, excluded.user_id)
    end,
    session_id = case
        when excluded.metadata ->> 'source' = 'server' then excluded.session_id
        when page_view.metadata ->> 'source' = 'server' then page_view.session_id
        else coalesce(page_view.session_id, excluded.session_id)
    end,
    page_path = case when excluded.metadata ->> 'source' = 'server' then excluded.page_path else page_view.page_path end,
    route = coalesce(page_view.route, excluded.route),
    correlation_id = case
        when excluded.metadata ->> 'source' = 'server' then excluded.correlation_id else page_view.correlation_id
    end,
    metadata = case when excluded.metadata ->> 'source' = 'server' then excluded.metadata else page_view.metadata end
