-- Grain: one row per published section, as its offering stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.old_course_id,
    live.course_id,
    live.academic_term_id,
    live.current_enrollment,
    case when walk.is_made then live.section_code end as section_code,
    case when walk.is_made then live.language_of_instruction end as language_of_instruction,
    case when walk.is_made then live.max_enrollment end as max_enrollment,
    case when walk.is_made then live.waitlist_capacity end as waitlist_capacity,
    case when walk.is_made then live.delivery_mode end as delivery_mode,
    case when walk.is_made then live.is_published end as is_published,
    case when walk.is_made then live.enrollment_status end as enrollment_status
from walk
inner join public.course_offerings as live on walk.live_id = live.id
where walk.entity = 'course_offerings'
