-- The second half of the change-over: gives the new table everything that hung on the older one, and takes that in as a
-- partition.
do $$
declare
    item record;
    -- what the check constraint has proven
    bound constant text := substring(
        (
            select pg_get_constraintdef(oid) from pg_catalog.pg_constraint
            where conrelid = 'public.audit_logs_older'::regclass and conname = 'audit_logs_older_ready'
        ) from 'action_timestamp < ''([^'']+)'''
    );
begin
    create trigger audit_logs_bridge before insert or update on public.audit_logs
    for each row execute function public.audit_logs_bridge();
    -- also for a publication, which suspends ordinary triggers
    alter table public.audit_logs enable always trigger audit_logs_bridge;

    for item in select statement from audit_leave order by place, statement
    loop
        begin
            execute item.statement;
        exception
            when lock_not_available then
                raise;
            when others then
                raise exception 'It depends on the older audit_logs and does not fit the new one (user_id is text): %', sqlerrm
                    using detail = item.statement,
                    hint = 'Nothing has been changed. Drop it, run edu2lms prepare, and make it again with user_id as text.';
        end;
    end loop;

    drop trigger audit_logs_older_bridge on public.audit_logs_older;
    drop function public.audit_logs_older_bridge();
    alter table public.audit_logs_older
        drop column user_id_before,
        alter column event_id set not null,
        alter column action_timestamp set not null,
        alter column action_type set not null,
        add constraint audit_logs_older_pkey primary key using index audit_logs_older_key,
        set (
            autovacuum_vacuum_scale_factor = 0.02,
            autovacuum_vacuum_insert_scale_factor = 0.02,
            autovacuum_analyze_scale_factor = 0.02
        );
    execute format(
        'alter table public.audit_logs attach partition public.audit_logs_older for values from (minvalue) to (%L)', bound
    );
    alter table public.audit_logs_older drop constraint audit_logs_older_ready;
end
$$
