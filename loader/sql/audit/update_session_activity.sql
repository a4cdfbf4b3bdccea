-- Notes that a session is alive; true when it is open. An older time than the last one changes nothing.
create or replace function public.update_session_activity(p_session_id text, p_at timestamptz default null) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    seen_at constant timestamptz := coalesce(p_at, clock_timestamp());
begin
    update public.user_sessions
    set last_activity_timestamp = seen_at
    where session_id = p_session_id and logout_timestamp is null and last_activity_timestamp < seen_at;
    return found or exists (
        select from public.user_sessions where session_id = p_session_id and logout_timestamp is null
    );
end
$$
