-- Who holds a lock on a table of schema public, the oldest transaction first.
select
    activity.pid,
    activity.usename::text as role,
    nullif(activity.application_name, '') as application,
    round(extract(epoch from clock_timestamp() - activity.xact_start))::bigint as seconds
from pg_catalog.pg_locks as held
inner join pg_catalog.pg_stat_activity as activity
    on held.pid = activity.pid
where
    held.relation = to_regclass(%(table)s)
    and held.granted
    and activity.pid <> pg_backend_pid()
order by activity.xact_start
limit 3
