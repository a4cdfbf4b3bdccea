-- Makes the same thing the same text whoever asks, until the end of the transaction: the settings of ledger.live_facts().
select
    set_config('search_path', 'pg_catalog', true),
    set_config('datestyle', 'ISO, YMD', true),
    set_config('timezone', 'UTC', true),
    set_config('intervalstyle', 'iso_8601', true),
    set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true),
    set_config('quote_all_identifiers', 'off', true),
    set_config('lock_timeout', %(lock_timeout)s, true)
