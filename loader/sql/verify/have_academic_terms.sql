-- Grain: one row per published term, as it stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.academic_year,
    live.term_type,
    case when walk.is_made then live.term_number end as term_number,
    case when walk.is_made then live.start_date end as start_date,
    case when walk.is_made then live.end_date end as end_date,
    case when walk.is_made then live.is_current end as is_current
from walk
inner join public.academic_terms as live on walk.live_id = live.id
where walk.entity = 'academic_terms'
