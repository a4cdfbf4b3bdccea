-- Grain: one row per published subject, as its course stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.code,
    case when walk.is_made then live.name end as name,
    case when walk.is_made then live.credit_hours end as credit_hours,
    case when walk.is_made then live.course_level end as course_level,
    case when walk.is_made then live.is_active end as is_active
from walk
inner join public.courses as live on walk.live_id = live.id
where walk.entity = 'courses'
