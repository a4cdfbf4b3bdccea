-- Grain: one row per session
select
    session_id,
    user_id,
    login_timestamp as opened_at,
    {{ local_day('login_timestamp') }} as activity_date,
    last_activity_timestamp as last_active_at,
    logout_timestamp as closed_at,
    coalesce(device_type, 'unknown') as device_type,
    coalesce(browser, 'unknown') as browser,
    session_duration_seconds,
    end_reason
from {{ source('audit', 'user_sessions') }}
where {{ has_happened('login_timestamp') }}
