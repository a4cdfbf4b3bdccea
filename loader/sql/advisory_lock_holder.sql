-- Who holds one of our advisory locks, and since when the session exists.
select format('pid %%s, role %%s, since %%s', activity.pid, activity.usename, date_trunc('second', activity.backend_start))
from pg_catalog.pg_locks as held
inner join pg_catalog.pg_stat_activity as activity
    on held.pid = activity.pid
where
    held.locktype = 'advisory'
    and held.classid = %(class)s
    and held.objid = %(number)s
    and held.objsubid = 2
    and held.granted
    and held.database = (select database.oid from pg_catalog.pg_database as database where database.datname = current_database())
