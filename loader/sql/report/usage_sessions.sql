-- How long sessions lasted on each of the last 60 days that were counted: of all devices together.
select activity_date, sessions, open_sessions, logged_out_sessions, average_seconds, median_seconds, p90_seconds
from analytics.session_durations
where device_type = 'all' and activity_date > (select max(latest.activity_date) - 60 from analytics.session_durations as latest)
order by activity_date
