-- The errors that happened most in the last 30 days that were counted; those from the same place are one. Of paths only the
-- routes of the application are named: others may hold names of persons.
select
    error_fingerprint,
    max(error_class) as error_class,
    max(most_common_template) as most_common_route,
    sum(errors)::bigint as errors,
    min(first_at) as first_at,
    max(last_at) as last_at
from analytics.top_errors
where activity_date > (select max(latest.activity_date) - 30 from analytics.top_errors as latest)
group by error_fingerprint
order by errors desc, error_fingerprint asc
limit 50
