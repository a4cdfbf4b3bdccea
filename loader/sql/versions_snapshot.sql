-- The cluster and its timeline: both change when a backup or another server takes its place. The horizon: every transaction
-- before it had ended. The end of the log: what can be seen now is durable when the log has been flushed up to here.
select
    format(
        '%%s/%%s',
        (select control.system_identifier from pg_control_system() as control),
        left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
    ) as cluster,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon,
    pg_current_wal_insert_lsn()::text as log_end,
    clock_timestamp() as seen_at
