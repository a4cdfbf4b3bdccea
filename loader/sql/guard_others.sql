-- Other sessions in this database, those that write first: who else may have changed a definition.
select
    format(
        '%%s (pid %%s, %%s, since %%s)',
        activity.usename, activity.pid, coalesce(nullif(activity.application_name, ''), 'no name'),
        to_char(activity.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
    ) as session
from pg_catalog.pg_stat_activity as activity
where
    activity.datname = current_database()
    and activity.backend_type = 'client backend'
    and activity.pid <> pg_backend_pid()
    and activity.usename <> %(role)s
order by activity.backend_xid is null, activity.backend_start desc
limit 5
