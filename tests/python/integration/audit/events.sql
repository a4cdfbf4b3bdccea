-- A month of a busy application: requests and page views above all, some logins and changes, a few errors.
insert into audit_logs (
    action_timestamp, user_id, action_type, entity_type, entity_id, request_path, response_status, ip_address, session_id,
    correlation_id, error_class, error_fingerprint, action_details, metadata
)
select
    now() - (100000 - n) * interval '25 seconds',
    'user-' || n % 2000,
    case when n % 500 = 0 then 'login_failed' when n % 20 = 0 then 'update' when n % 5 = 0 then 'page_view' else 'request' end,
    case when n % 20 = 0 then (array['grades', 'users', 'courses'])[1 + n % 3] end,
    case when n % 20 = 0 then 'entity-' || n % 1700 end,
    '/page/' || n % 200,
    200,
    ('10.' || n % 7 || '.' || n % 200 || '.' || n % 11)::inet,
    'session-' || n / 30,
    'correlation-' || n / 3,
    case when n % 300 = 0 then 'ValueError' end,
    case when n % 300 = 0 then 'f' || n % 9 end,
    case when n % 1000 = 0 then jsonb_build_object('export', 'table ' || n) else '{}' end,
    case when n % 1000 = 1 then jsonb_build_object('database_user', 'role ' || n) else '{}' end
from generate_series(1, 100000) as n;

insert into page_views (view_timestamp, user_id, session_id, page_path, time_on_page_seconds)
select now() - (50000 - n) * interval '50 seconds', 'user-' || n % 2000, 'session-' || n / 10, '/page/' || n % 300, n % 90
from generate_series(1, 50000) as n;

insert into user_sessions (session_id, user_id, login_timestamp, last_activity_timestamp, logout_timestamp, session_duration_seconds)
select
    'session-' || n, 'user-' || n % 2000, now() - (20000 - n) * interval '2 minutes', now() - (20000 - n) * interval '2 minutes',
    case when n % 100 > 0 then now() - (20000 - n) * interval '1 minute' end, 60
from generate_series(1, 20000) as n;
