-- Grain: one row per local day of opening and device type, and one for all devices
{#- Medians cannot be added up, so the line over all devices is counted by itself. Open sessions have no duration yet. #}
select
    activity_date,
    case when grouping(device_type) = 1 then 'all' else device_type end as device_type,
    count(*) as sessions,
    count(*) filter (where closed_at is null) as open_sessions,
    count(*) filter (where end_reason = 'logout') as logged_out_sessions,
    count(distinct user_id) as users,
    avg(session_duration_seconds)::double precision as average_seconds,
    percentile_cont(0.5) within group (order by session_duration_seconds) as median_seconds,
    percentile_cont(0.9) within group (order by session_duration_seconds) as p90_seconds
from {{ ref('stg_audit__sessions') }}
where {{ recent('opened_at', 'activity_date') }}
group by grouping sets ((activity_date), (activity_date, device_type))
