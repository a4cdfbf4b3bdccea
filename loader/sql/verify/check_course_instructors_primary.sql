-- The migration names no second primary instructor.
select
    'course_instructors' as entity,
    'the offering has several primary instructors' as what,
    min(walk.legacy_id) as legacy_id,
    (array_agg(live.id order by live.id))[1] as live_id,
    jsonb_build_object('primary', 1) as expected,
    jsonb_build_object('primary', count(distinct live.id), 'course_offering_id', live.course_offering_id) as found,
    null::text as label,
    false as is_excused
from public.course_instructors as live
left join walk on walk.entity = 'course_instructors' and live.id = walk.live_id and walk.is_made
where live.role = 'primary'
group by live.course_offering_id
having count(distinct live.id) > 1 and bool_or(walk.is_made)
