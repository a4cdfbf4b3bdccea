-- Grain: one row per week or month
{#- Somebody who comes on five days is one user of the week: the days' figures cannot be added up. #}
with activity as (
    select distinct activity_date, user_id
    from {{ ref('stg_audit__actions') }}
    where user_id is not null and action_type <> 'login_failed'
),

known as (
    select min(activity_date) as first_date from activity
),

periods as (
    {%- for period in ['week', 'month'] %}
    select
        '{{ period }}' as period,
        date_trunc('{{ period }}', activity_date)::date as period_start,
        count(distinct user_id) as active_users,
        count(distinct activity_date) as days_with_activity
    from activity
    group by date_trunc('{{ period }}', activity_date)
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    periods.period,
    periods.period_start,
    periods.active_users,
    periods.days_with_activity
from periods
{%- if is_incremental() %}
where
    -- a period whose first days have left the raw tables keeps what was counted while they were there
    periods.period_start >= (select known.first_date from known)
    or not exists (
        select 1 from {{ this }} as kept
        where kept.period = periods.period and kept.period_start = periods.period_start
    )
{%- endif %}
