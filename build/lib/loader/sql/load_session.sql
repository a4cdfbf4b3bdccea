-- Makes the text of a row the same whatever the server, the role or the database is set to: the fingerprint is taken from that text.
select
    set_config('datestyle', 'ISO, YMD', false),
    set_config('timezone', 'UTC', false),
    set_config('intervalstyle', 'iso_8601', false),
    set_config('extra_float_digits', '1', false),
    set_config('bytea_output', 'hex', false),
    set_config('lock_timeout', '60s', false),
    set_config('search_path', 'pg_catalog', false)
