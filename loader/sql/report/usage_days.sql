-- How many different people used the application on each of the last 60 days that were counted.
select activity_date, active_users, users_logged_in, logins, failed_logins, actions
from analytics.daily_active_users
where activity_date > (select max(latest.activity_date) - 60 from analytics.daily_active_users as latest)
order by activity_date
