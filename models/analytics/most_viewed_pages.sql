-- Grain: one row per local day and page
select
    activity_date,
    page,
    bool_or(has_route) as is_route,
    max(page_title) as page_title,
    count(*) as views,
    count(distinct user_id) as viewers,
    count(time_on_page_seconds) as timed_views,
    avg(time_on_page_seconds) as average_seconds,
    percentile_cont(0.5) within group (order by time_on_page_seconds) as median_seconds,
    percentile_cont(0.9) within group (order by time_on_page_seconds) as p90_seconds
from {{ ref('stg_audit__page_views') }}
where {{ recent('viewed_at', 'activity_date') }}
group by activity_date, page
