-- A verifier is not the password, but it can be attacked: for the rest of the transaction nothing reaches the server's log or
-- pg_stat_activity.
select
    set_config('log_statement', 'none', true),
    set_config('log_min_duration_statement', '-1', true),
    set_config('log_min_error_statement', 'panic', true),
    set_config('track_activities', 'off', true)
where current_setting('is_superuser') = 'on'
