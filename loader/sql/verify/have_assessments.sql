-- Grain: one row per published examination, as the assessment stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.rubric ->> 'old_exam_id' as old_exam_id,
    case when walk.is_made then live.course_offering_id end as course_offering_id,
    case when walk.is_made then live.title end as title,
    case when walk.is_made then live.assessment_type end as assessment_type,
    case when walk.is_made then live.weight_percentage end as weight_percentage,
    case when walk.is_made then live.total_marks end as total_marks,
    case when walk.is_made then live.passing_marks end as passing_marks,
    case when walk.is_made then live.due_date end as due_date,
    case when walk.is_made then live.duration_minutes end as duration_minutes,
    case when walk.is_made then live.rubric end as rubric
from walk
inner join public.assessments as live on walk.live_id = live.id
where walk.entity = 'assessments'
