-- Requests and failures (answers of 500 and above) of the last 60 days that were counted.
select
    activity_date,
    sum(requests)::bigint as requests,
    sum(failed_requests)::bigint as failed_requests,
    sum(refused_requests)::bigint as refused_requests,
    sum(failed_requests)::double precision / sum(requests) as error_rate
from analytics.request_errors
where activity_date > (select max(latest.activity_date) - 60 from analytics.request_errors as latest)
group by activity_date
order by activity_date
