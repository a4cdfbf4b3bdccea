-- Grain: one row per local day and route
select
    activity_date,
    route,
    count(*) as requests,
    count(*) filter (where is_failed_request) as failed_requests,
    count(*) filter (where response_status between 400 and 499) as refused_requests,
    count(*) filter (where is_failed_request)::double precision / count(*) as error_rate,
    percentile_cont(0.5) within group (order by response_ms) as median_ms,
    percentile_cont(0.99) within group (order by response_ms) as p99_ms
from {{ ref('stg_audit__actions') }}
where is_request and {{ recent('acted_at', 'activity_date') }}
group by activity_date, route
