-- Whether a new transaction of this session could write: not on a standby, not under default_transaction_read_only.
select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as takes_writes
