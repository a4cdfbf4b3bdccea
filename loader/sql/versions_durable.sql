-- Is what was seen then on disk? A transaction may commit before it is (synchronous_commit = off), and a crash would take it back
-- and give its number to another one; but never later than three delays of the writer of the log.
select
    pg_current_wal_flush_lsn() >= %(log_end)s::pg_lsn
    or clock_timestamp() - %(seen_at)s > 3 * current_setting('wal_writer_delay')::interval
