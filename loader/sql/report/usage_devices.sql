-- On which devices sessions were opened in the last 30 days that were counted.
select device_type, sum(sessions)::bigint as sessions
from analytics.session_durations
where device_type <> 'all' and activity_date > (select max(latest.activity_date) - 30 from analytics.session_durations as latest)
group by device_type
order by sessions desc, device_type asc
