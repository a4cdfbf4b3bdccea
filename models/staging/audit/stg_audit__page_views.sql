-- Grain: one row per page view
select
    view_id,
    view_timestamp as viewed_at,
    {{ local_day('view_timestamp') }} as activity_date,
    user_id,
    session_id,
    coalesce(route, page_path) as page,
    route is not null as has_route,
    page_title,
    time_on_page_seconds
from {{ source('audit', 'page_views') }}
