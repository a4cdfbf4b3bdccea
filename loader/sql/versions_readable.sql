-- Does this server tell which cluster it is, and which transactions have written? A standby does not count its own.
select
    not pg_is_in_recovery()
    and has_function_privilege('pg_control_system()', 'execute')
    and has_function_privilege('pg_current_wal_insert_lsn()', 'execute')
    and has_function_privilege('pg_current_wal_flush_lsn()', 'execute')
    and has_function_privilege('pg_walfile_name(pg_lsn)', 'execute')
