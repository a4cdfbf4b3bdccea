-- Hashes of rows are taken in this style; a lock that the application holds is waited for only so long. The audit triggers leave
-- rows of a batch alone: it has a line of its own per table.
select
    set_config('timezone', 'UTC', true),
    set_config('datestyle', 'ISO, YMD', true),
    set_config('intervalstyle', 'iso_8601', true),
    set_config('extra_float_digits', '1', true),
    set_config('lock_timeout', %(lock_timeout)s, true),
    set_config('audit.batch', %(batch)s, true),
    set_config('enable_nestloop', 'off', true),
    set_config('work_mem', '256MB', true)
