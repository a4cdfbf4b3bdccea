-- Grain: one row per week or month
{#- Somebody who comes on five days is one user of the week: the days' figures cannot be added up. #}
{%- set first_day = first_day_again('period_start') if is_incremental() else "'-infinity'::date" %}
with again as (
    select {{ first_day }} as first_day
),

started as (
    -- the beginning of every period that is counted again
    select
        least(
            {{ beginning("date_trunc('week', again.first_day::timestamp)") }},
            {{ beginning("date_trunc('month', again.first_day::timestamp)") }}
        ) as first_moment
    from again
),

activity as (
    select distinct activity_date, user_id
    from {{ ref('stg_audit__actions') }}
    where user_id is not null
        and action_type <> 'login_failed'
        and acted_at >= (select started.first_moment from started)
),

periods as (
    {%- for period in ['week', 'month'] %}
    select
        '{{ period }}' as period,
        date_trunc('{{ period }}', activity.activity_date::timestamp)::date as period_start,
        count(distinct activity.user_id) as active_users,
        count(distinct activity.activity_date) as days_with_activity
    from activity
    cross join again
    -- one that ended before stays as it is
    where date_trunc('{{ period }}', activity.activity_date::timestamp) >= date_trunc('{{ period }}', again.first_day::timestamp)
    group by date_trunc('{{ period }}', activity.activity_date::timestamp)
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    periods.period,
    periods.period_start,
    {%- if is_incremental() %}
    -- Who was there stays counted when the first hours of the period have left the raw tables: partitions end by UTC.
    greatest(periods.active_users, kept.active_users) as active_users,
    greatest(periods.days_with_activity, kept.days_with_activity) as days_with_activity
    {%- else %}
    periods.active_users,
    periods.days_with_activity
    {%- endif %}
from periods
{%- if is_incremental() %}
left join {{ this }} as kept on periods.period = kept.period and periods.period_start = kept.period_start
{%- endif %}
