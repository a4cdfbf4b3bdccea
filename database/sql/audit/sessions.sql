-- Writes what is known about sessions: opened, seen, ended. These may arrive in any order, from several processes, and more than
-- once. A session that was closed because nobody used it, and is used again, is open again.
insert into user_sessions as user_session (
    session_id, user_id, login_timestamp, last_activity_timestamp, logout_timestamp, end_reason, session_duration_seconds,
    ip_address, user_agent, device_type, browser, operating_system, metadata
)
select
    event.session_id,
    event.user_id,
    event.login_timestamp,
    event.last_activity_timestamp,
    event.logout_timestamp,
    event.end_reason,
    round(extract(epoch from (event.logout_timestamp - event.login_timestamp)))::integer,
    event.ip_address, event.user_agent, event.device_type, event.browser, event.operating_system, coalesce(event.metadata, '{}')
from json_to_recordset(%(rows)s) as event (
        session_id text,
        user_id text,
        login_timestamp timestamptz,
        last_activity_timestamp timestamptz,
        logout_timestamp timestamptz,
        end_reason text, ip_address inet, user_agent text, device_type text, browser text, operating_system text, metadata jsonb
    )
on conflict (session_id) do update set
    user_id = coalesce(user_session.user_id, excluded.user_id),
    login_timestamp = least(user_session.login_timestamp, excluded.login_timestamp),
    last_activity_timestamp = greatest(user_session.last_activity_timestamp, excluded.last_activity_timestamp),
    logout_timestamp = case
        when user_session.end_reason = 'idle' and excluded.last_activity_timestamp > user_session.last_activity_timestamp
            then excluded.logout_timestamp
        else coalesce(user_session.logout_timestamp, excluded.logout_timestamp)
    end,
    end_reason = case
        when user_session.end_reason = 'idle' and excluded.last_activity_timestamp > user_session.last_activity_timestamp
            then excluded.end_reason
        else coalesce(user_session.end_reason, excluded.end_reason)
    end,
    session_duration_seconds = round(extract(epoch from (
        case
            when user_session.end_reason = 'idle' and excluded.last_activity_timestamp > user_session.last_activity_timestamp
                then excluded.logout_timestamp
            else coalesce(user_session.logout_timestamp, excluded.logout_timestamp)
        end - least(user_session.login_timestamp, excluded.login_timestamp)
    )))::integer,
    ip_address = coalesce(user_session.ip_address, excluded.ip_address),
    user_agent = coalesce(user_session.user_agent, excluded.user_agent),
    device_type = coalesce(user_session.device_type, excluded.device_type),
    browser = coalesce(user_session.browser, excluded.browser),
    operating_system = coalesce(user_session.operating_system, excluded.operating_system)
