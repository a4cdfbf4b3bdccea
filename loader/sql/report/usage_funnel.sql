-- How far the sessions of the last 30 days that were counted went. Each step counts those that have reached the ones before it.
select step_number, step, sum(sessions)::bigint as sessions
from analytics.session_funnels
where activity_date > (select max(latest.activity_date) - 30 from analytics.session_funnels as latest)
group by step_number, step
order by step_number
