-- Grain: one row per local day
select
    activity_date,
    count(distinct user_id) filter (where action_type <> 'login_failed') as active_users,
    count(distinct user_id) filter (where action_type = 'login') as users_logged_in,
    count(*) filter (where action_type = 'login') as logins,
    count(*) filter (where action_type = 'login_failed') as failed_logins,
    count(*) as actions
from {{ ref('stg_audit__actions') }}
where {{ recent('acted_at', 'activity_date') }}
group by activity_date
