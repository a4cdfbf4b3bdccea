-- Rows from before the trigger: written once more, 200 pages to a transaction, so that nobody waits for long; the trigger fills
-- them.
do $$
declare
    pages constant bigint := pg_relation_size('public.audit_logs') / current_setting('block_size')::bigint;
    page bigint := 0;
begin
    while page <= pages loop
        -- the application's own triggers on the log stay out of it where the role may say so; ours fires always
        if has_parameter_privilege('session_replication_role', 'SET') then
            set local session_replication_role = replica;
        end if;
        update public.audit_logs
        set event_id = id
        where event_id is null
            and ctid >= format('(%s,0)', page)::tid
            and ctid < format('(%s,0)', page + 200)::tid;
        commit;
        page := page + 200;
    end loop;
end
$$
