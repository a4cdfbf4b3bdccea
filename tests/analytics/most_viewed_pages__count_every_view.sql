-- Promise: the days that are counted again hold every page view of the raw table once.
-- If it fails: a view has no page or no day, or the raw rows of a recent day have been removed.
-- Who acts: developer.
with raw as (
    select activity_date, count(*) as views from {{ ref('stg_audit__page_views') }} group by activity_date
),

counted as (
    select activity_date, sum(views) as views from {{ ref('most_viewed_pages') }} group by activity_date
)

select raw.activity_date, raw.views as raw_views, counted.views as counted_views
from raw
left join counted on raw.activity_date = counted.activity_date
where
    raw.activity_date > current_date - {{ var('analytics_days_again') | int }}
    -- views of the moments between the model and this test
    and raw.activity_date < {{ local_day('now()') }}
    and raw.views is distinct from counted.views
