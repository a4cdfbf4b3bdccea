-- Grain: one row per local day, hour and type of action
select
    activity_date,
    extract(isodow from activity_date)::integer as weekday,
    extract(hour from acted_at_local)::integer as hour_of_day,
    action_type,
    count(*) as actions,
    count(distinct user_id) as users
from {{ ref('stg_audit__actions') }}
where {{ recent('acted_at', 'activity_date') }}
group by activity_date, extract(hour from acted_at_local), action_type
