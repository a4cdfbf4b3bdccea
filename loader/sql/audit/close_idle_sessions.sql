-- Closes the sessions without activity for a while, as of their last activity; returns how many. For cron, or for whoever comes
-- by: a session that is being written at this moment is not idle and is left alone.
create or replace function public.close_idle_sessions(p_idle interval default '30 minutes') returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    closed integer;
begin
    update public.user_sessions
    set
        logout_timestamp = greatest(user_sessions.login_timestamp, user_sessions.last_activity_timestamp),
        session_duration_seconds = greatest(
            round(extract(epoch from user_sessions.last_activity_timestamp - user_sessions.login_timestamp)), 0
        ),
        end_reason = 'idle'
    where user_sessions.session_id in (
        select idle.session_id
        from public.user_sessions as idle
        where idle.logout_timestamp is null and idle.last_activity_timestamp < clock_timestamp() - p_idle
        for update skip locked
    );
    get diagnostics closed = row_count;
    return closed;
end
$$
