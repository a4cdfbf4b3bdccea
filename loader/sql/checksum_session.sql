-- Makes the text of every value, and so its hash, the same whatever the server, the role or the database is set to.
select
    set_config('client_encoding', 'UTF8', false),
    set_config('datestyle', 'ISO, YMD', false),
    set_config('timezone', 'UTC', false),
    set_config('intervalstyle', 'iso_8601', false),
    set_config('extra_float_digits', '1', false),
    set_config('bytea_output', 'hex', false),
    set_config('lc_monetary', 'C', false),
    set_config('search_path', 'pg_catalog', false),
    -- thousands of blocks and their sums stay in memory
    set_config('work_mem', '64MB', false),
    -- compiling the hash of a row takes longer than running it
    set_config('jit', 'off', false),
    -- of a table that has just been written, the index alone does not tell which rows are visible
    set_config('enable_indexonlyscan', 'off', false),
    set_config('lock_timeout', %(lock_timeout)s, false),
    -- a large table takes its time, and one session waits while another works: what ends others is not meant for us
    (
        select count(set_config(setting.name, '0', false))
        from pg_catalog.pg_settings as setting
        where setting.name in ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout')
    )
