-- Grain: one row per page view
select
    view_id,
    view_timestamp as viewed_at,
    {{ local_day('view_timestamp') }} as activity_date,
    user_id,
    session_id,
    coalesce(route, '(no route)') as page,
    -- not to be kept
    page_path,
    page_title,
    time_on_page_seconds
from {{ source('audit', 'page_views') }}
where {{ has_happened('view_timestamp') }}
