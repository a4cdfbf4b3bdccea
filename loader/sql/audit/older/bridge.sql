-- Trigger function of the older audit_logs, until it has become a partition: fills the newer columns of whatever is written.
create or replace function public.audit_logs_older_bridge() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- where the partition is going to end; nothing may lie behind it, even if that is not for months
    last_moment constant timestamptz := tg_argv[0]::timestamptz - interval '1 microsecond';
begin
    if tg_op = 'INSERT' then
        -- a program that knows the newer form already
        new.action := coalesce(new.action, new.action_type);
        new.resource_type := coalesce(new.resource_type, new.entity_type, new.action);
        new.resource_id := coalesce(new.resource_id, new.entity_id);
    end if;
    new.event_id := new.id;
    new.user_id_text := new.user_id;
    new.action_type := new.action;
    new.entity_type := new.resource_type;
    new.entity_id := new.resource_id;
    -- created_at keeps what cannot be
    new.action_timestamp := case
        when new.created_at is null then 'epoch' else least(new.created_at, clock_timestamp(), last_moment)
    end;
    return new;
end
$$
