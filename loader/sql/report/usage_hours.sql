-- At which hours of which weekdays (1 is Monday) something was done in the last four weeks that were counted.
select weekday, hour_of_day, sum(actions)::bigint as actions
from analytics.action_patterns
where activity_date > (select max(latest.activity_date) - 28 from analytics.action_patterns as latest)
group by weekday, hour_of_day
order by weekday, hour_of_day
