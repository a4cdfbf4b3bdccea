-- Closes the sessions without activity for so many seconds; while another process is at it, does nothing.
-- The lock is looked at first: a case is evaluated in its order.
select
    case
        when pg_try_advisory_xact_lock(hashtext('edu2lms audit: idle sessions'))
            then close_idle_sessions(make_interval(secs => %(seconds)s))
    end as closed
