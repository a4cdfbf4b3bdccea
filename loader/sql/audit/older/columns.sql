-- The newer columns, empty for the rows that are there, so that nothing is rewritten: the backfill fills them. New rows are
-- filled by the trigger; the check constraint, proven later, says that every row fits the partition that the table is going to
-- be.
do $$
declare
    -- one to two months ahead: the last row of the older table comes before it
    bound constant timestamptz := date_trunc('month', now() + interval '2 months', 'UTC');
begin
    alter table public.audit_logs
        add column if not exists event_id uuid,
        add column if not exists action_timestamp timestamptz,
        add column if not exists user_id_text text,
        add column if not exists action_type text,
        add column if not exists entity_type text,
        add column if not exists entity_id text,
        add column if not exists request_path text,
        add column if not exists request_method text,
        add column if not exists route text,
        add column if not exists response_status integer,
        add column if not exists response_ms double precision,
        add column if not exists ip_address inet,
        add column if not exists user_agent text,
        add column if not exists session_id text,
        add column if not exists correlation_id text,
        add column if not exists error_class text,
        add column if not exists error_fingerprint text,
        add column if not exists old_values jsonb,
        add column if not exists new_values jsonb,
        add column if not exists action_details jsonb not null default '{}',
        add column if not exists metadata jsonb not null default '{}',
        drop constraint if exists audit_logs_older_ready;
    execute format(
        'create or replace trigger audit_logs_older_bridge before insert or update on public.audit_logs
        for each row execute function public.audit_logs_older_bridge(%L)', bound
    );
    -- also for a publication, which suspends ordinary triggers
    alter table public.audit_logs enable always trigger audit_logs_older_bridge;
    execute format(
        'alter table public.audit_logs add constraint audit_logs_older_ready check (
            event_id is not null and action_type is not null and action_timestamp is not null and action_timestamp < %L
        ) not valid', bound
    );
end
$$
