-- Closes a session and returns its seconds; one that is closed already keeps its end, an unknown one gives null. Without a time,
-- a session that went idle or expired ended with its last activity, any other one ends now.
create or replace function public.close_user_session(
    p_session_id text,
    p_reason text default 'logout',
    p_at timestamptz default null
) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.user_sessions
    set
        logout_timestamp = ending.ended_at,
        session_duration_seconds = round(extract(epoch from ending.ended_at - user_sessions.login_timestamp)),
        end_reason = p_reason
    from (
        select
            open_session.session_id,
            greatest(
                open_session.login_timestamp,
                coalesce(
                    p_at,
                    case when p_reason in ('idle', 'expired') then open_session.last_activity_timestamp else clock_timestamp() end
                )
            ) as ended_at
        from public.user_sessions as open_session
        where open_session.session_id = p_session_id and open_session.logout_timestamp is null
        for update
    ) as ending
    where user_sessions.session_id = ending.session_id;
    return (select session_duration_seconds from public.user_sessions where session_id = p_session_id);
end
$$
