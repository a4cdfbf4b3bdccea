-- Promise: no step of a day's funnel counts more sessions than the one before it.
-- If it fails: the steps are no longer counted among the sessions that have reached the one before.
-- Who acts: developer.
select later.activity_date, later.step, later.sessions, earlier.sessions as sessions_before
from {{ ref('session_funnels') }} as later
inner join {{ ref('session_funnels') }} as earlier
    on later.activity_date = earlier.activity_date and later.step_number = earlier.step_number + 1
where later.sessions > earlier.sessions
