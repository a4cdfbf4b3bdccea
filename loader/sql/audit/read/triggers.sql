-- Triggers of tables of schema public: their arguments, and the events that the application's own ones write to audit_logs.
select
    class.relname::text as table_name,
    trigger_data.tgname::text as trigger_name,
    -- each argument ends with a zero byte
    trigger_data.tgargs as arguments,
    array(
        select events.name
        from (values ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 32)) as events (name, bit)
        where trigger_data.tgenabled <> 'D'
            and procedure.proname <> 'audit_capture'
            and procedure.prosrc ~* '\maudit_logs\M'
            and trigger_data.tgtype & events.bit <> 0
    ) as logs
from pg_catalog.pg_trigger as trigger_data
inner join pg_catalog.pg_class as class on trigger_data.tgrelid = class.oid
inner join pg_catalog.pg_proc as procedure on trigger_data.tgfoid = procedure.oid
where class.relnamespace = to_regnamespace('public')
    and class.relname = any(%(tables)s::text[])
    and not trigger_data.tgisinternal
order by 1, 2
