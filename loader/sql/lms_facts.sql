-- What `prepare` and `check` must know about lms beside its tables, in one row.
select
    to_regnamespace('edu_fdw') is not null as has_edu_fdw,
    to_regnamespace('staging') is not null as has_staging,
    to_regnamespace('migration') is not null as has_migration,
    to_regnamespace('ledger') is not null as has_ledger,
    to_regnamespace('analytics') is not null as has_analytics,
    exists(select 1 from pg_catalog.pg_extension where extname = 'postgres_fdw') as has_extension,
    to_regclass('ledger.table_loads') is not null as has_table_loads,
    to_regclass('ledger.batches') is not null as has_batches,
    to_regclass('ledger.batch_tables') is not null as has_batch_tables,
    to_regclass('ledger.crosswalk') is not null as has_crosswalk,
    to_regclass('ledger.changes') is not null as has_changes,
    to_regclass('ledger.content_columns') is not null as has_content_columns,
    to_regclass('ledger.value_warnings') is not null as has_value_warnings,
    to_regclass('ledger.dbt_invocations') is not null as has_dbt_invocations,
    to_regclass('ledger.last_run') is not null as has_last_run,
    to_regclass('public.audit_logs') is not null as has_audit_logs,
    exists(
        select 1 from pg_catalog.pg_attribute
        where attrelid = to_regclass('public.audit_logs') and attname = 'entity_type' and not attisdropped
    ) as has_newer_audit_logs,
    current_setting('server_version_num')::integer as version,
    coalesce(
        (
            select has_database_privilege(current_user, database.oid, 'CREATE')
            from pg_catalog.pg_database as database
            where database.datname = current_database()
        ),
        false
    ) as may_create_schemas
