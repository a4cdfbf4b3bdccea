-- Grain: one row per local day and fingerprint of an error
select
    activity_date,
    coalesce(error_fingerprint, 'none') as error_fingerprint,
    max(error_class) as error_class,
    mode() within group (order by route) as most_common_route,
    mode() within group (order by route) filter (where has_route) as most_common_template,
    count(*) as errors,
    count(distinct user_id) as users,
    min(acted_at) as first_at,
    max(acted_at) as last_at
from {{ ref('stg_audit__actions') }}
where (error_class is not null or is_failed_request) and {{ recent('acted_at', 'activity_date') }}
group by activity_date, coalesce(error_fingerprint, 'none')
