-- How many different people used it in each week and month. Who comes on five days is one person.
select period, period_start, active_users, days_with_activity
from analytics.active_users_by_period
order by period desc, period_start desc
limit 36
