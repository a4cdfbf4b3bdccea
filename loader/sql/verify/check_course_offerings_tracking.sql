-- A tracking id names the row that the crosswalk names, once.
select
    'course_offerings' as entity,
    case when places.n > 1 then 'the tracking id stands at several rows' else 'the tracking id is not that of the crosswalk' end as what,
    live.old_course_id as legacy_id,
    live.id as live_id,
    null::jsonb as expected,
    jsonb_build_object('old_course_id', live.old_course_id::text) as found,
    null::text as label,
    false as is_excused
from public.course_offerings as live
inner join (
    select old_course_id, count(*) as n from public.course_offerings where old_course_id is not null group by old_course_id
) as places on live.old_course_id = places.old_course_id
left join ledger.crosswalk
    on crosswalk.entity = 'course_offerings' and crosswalk.legacy_id = live.old_course_id and crosswalk.live_id = live.id
where places.n > 1 or crosswalk.legacy_id is null
