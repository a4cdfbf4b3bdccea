-- Grain: one row per published course_teacher row, as the instructor stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.course_offering_id,
    live.instructor_id,
    case when walk.is_made then live.role end as role,
    case when walk.is_made then live.assigned_date end as assigned_date
from walk
inner join public.course_instructors as live on walk.live_id = live.id
where walk.entity = 'course_instructors'
