-- Other sessions in this database: who else may have changed a definition. What they are called is seen by monitoring roles only.
select
    format(
        '%%s (pid %%s%%s)', activity.usename, activity.pid, ', ' || nullif(activity.application_name, '')
    ) as session
from pg_catalog.pg_stat_activity as activity
where
    activity.datname = current_database()
    and activity.pid <> pg_backend_pid()
    and activity.usename <> %(role)s
order by activity.pid desc
limit 5
