-- Grain: one row per recorded action
select
    event_id as action_id,
    action_timestamp as acted_at,
    {{ local_day('action_timestamp') }} as activity_date,
    {{ local_time('action_timestamp') }} as acted_at_local,
    user_id,
    session_id,
    correlation_id,
    action_type,
    entity_type,
    coalesce(route, request_path) as route,
    route is not null as has_route,
    request_method,
    response_status,
    response_ms,
    error_class,
    error_fingerprint,
    -- triggers know the path of the request, but only the request itself knows its answer
    response_status is not null as is_request,
    coalesce(response_status >= 500, false) as is_failed_request
from {{ source('audit', 'audit_logs') }}
