-- Grain: one row per published person, as it stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.user_id,
    case when walk.is_made then live.first_name end as first_name,
    case when walk.is_made then live.last_name end as last_name,
    case when walk.is_made then live.middle_name end as middle_name,
    case when walk.is_made then live.date_of_birth end as date_of_birth,
    case when walk.is_made then live.gender end as gender,
    case when walk.is_made then live.national_id end as national_id
from walk
inner join public.persons as live on walk.live_id = live.id
where walk.entity = 'persons'
