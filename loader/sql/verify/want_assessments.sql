-- Grain: one row per examination in scope (rules, sections 2 and 11).
select
    exam.id as legacy_id,
    exam.id::text as old_exam_id,
    case when walk.is_made then sections.live_id end as course_offering_id,
    case
        when walk.is_made then jsonb_build_object(
                'az', defaults.assessment_title_az, 'en', defaults.assessment_title_en, 'ru', defaults.assessment_title_ru
            )
    end as title,
    case when walk.is_made then 'exam' end as assessment_type,
    case when walk.is_made then defaults.assessment_weight_percentage::numeric(5, 2) end as weight_percentage,
    case when walk.is_made then defaults.assessment_total_marks::numeric(6, 2) end as total_marks,
    case when walk.is_made and exam.passing_grade between 0 and 100 then exam.passing_grade::numeric(6, 2) end as passing_marks,
    case
        when walk.is_made
            then (
                pg_temp.day_of(exam.start_date)
                + coalesce(substring(btrim(exam.start_time) from '^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]')::time, time '00:00')
            ) at time zone settings.time_zone
    end as due_date,
    case when walk.is_made then exam.duration end as duration_minutes,
    case when walk.is_made then jsonb_build_object('old_exam_id', exam.id::text) end as rubric
from raw_exam as exam
cross join defaults
cross join settings
left join sections on exam.course_id = sections.id
left join walk on walk.entity = 'assessments' and exam.id = walk.legacy_id
where (exam.active = 1 or exam.id in (select exam_id from raw_exam_student where active = 1))
    and not coalesce(sections.is_before_cutoff, false)
