-- Reads every row, so that nothing has to be read while the table is locked.
alter table public.audit_logs validate constraint audit_logs_older_ready
