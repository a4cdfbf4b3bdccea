-- The pages that were viewed most in the last 30 days that were counted, and how long they were in sight. Titles may hold names
-- of persons: the pages are named by the routes of the application.
select
    page,
    sum(views)::bigint as views,
    round((sum(average_seconds * timed_views) / nullif(sum(timed_views), 0))::numeric, 3)::double precision as average_seconds,
    max(p90_seconds) as highest_p90_seconds
from analytics.most_viewed_pages
where activity_date > (select max(latest.activity_date) - 30 from analytics.most_viewed_pages as latest)
group by page
order by views desc, page asc
limit 50
