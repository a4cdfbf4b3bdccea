-- What the server has written so far into its log, and this database into temporary files.
select
    'log MiB' as what,
    round((pg_current_wal_insert_lsn() - '0/0'::pg_lsn) / 1048576.0)::integer as mib
union all
select
    'temporary MiB' as what,
    round(statistics.temp_bytes / 1048576.0)::integer as mib
from pg_stat_database as statistics
where statistics.datname = current_database()
