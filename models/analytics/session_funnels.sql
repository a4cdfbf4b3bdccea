-- Grain: one row per local day of opening and step
{#- Each step is reached by the sessions that have reached those before it. #}
with sessions as (
    select session_id, activity_date, end_reason
    from {{ ref('stg_audit__sessions') }}
    where {{ recent('opened_at', 'activity_date') }}
),

views as (
    select
        session_id,
        count(*) as view_count,
        count(distinct case when page = '(no route)' then page_path else page end) as page_count
    from {{ ref('stg_audit__page_views') }}
    where session_id is not null
    group by session_id
),

changes as (
    select distinct session_id
    from {{ ref('stg_audit__actions') }}
    where session_id is not null and action_type in ('create', 'update', 'delete')
),

reached as (
    select
        sessions.activity_date,
        coalesce(views.view_count > 0, false) as has_viewed,
        coalesce(views.page_count > 1, false) as has_gone_on,
        changes.session_id is not null as has_changed,
        coalesce(sessions.end_reason = 'logout', false) as has_logged_out
    from sessions
    left join views on sessions.session_id = views.session_id
    left join changes on sessions.session_id = changes.session_id
),

counted as (
    select
        activity_date,
        count(*) as opened,
        count(*) filter (where has_viewed) as viewed,
        count(*) filter (where has_viewed and has_gone_on) as went_on,
        count(*) filter (where has_viewed and has_gone_on and has_changed) as changed,
        count(*) filter (where has_viewed and has_gone_on and has_changed and has_logged_out) as logged_out
    from reached
    group by activity_date
)

select
    counted.activity_date,
    steps.step_number,
    steps.step,
    steps.sessions,
    steps.sessions::double precision / counted.opened as share
from counted
cross join lateral (
    values
    (1, 'opened', counted.opened),
    (2, 'viewed a page', counted.viewed),
    (3, 'viewed another page', counted.went_on),
    (4, 'changed something', counted.changed),
    (5, 'logged out', counted.logged_out)
) as steps (step_number, step, sessions)
