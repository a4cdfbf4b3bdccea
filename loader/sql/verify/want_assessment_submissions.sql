-- Grain: one row per exam_student row in scope (rules, section 11): new attempts are numbered by (create_date, id), after those
-- that are there.
with attempts as (
    select
        attempt.id,
        attempt.create_date,
        attempt.finish_status,
        assessments.live_id as assessment_id,
        students.live_id as student_id,
        have.is_made,
        have.batch_place
    from raw_exam_student as attempt
    left join raw_exam as exam on attempt.exam_id = exam.id
    left join sections on exam.course_id = sections.id
    left join walk as assessments on assessments.entity = 'assessments' and attempt.exam_id = assessments.legacy_id
    left join walk as students on students.entity = 'students' and attempt.student_id = students.legacy_id
    left join have_assessment_submissions as have on attempt.id = have.legacy_id
    where attempt.active = 1 and not coalesce(sections.is_before_cutoff, false)
),

made as (
    select
        assessment_id,
        student_id,
        min(any_attempt_number) as lowest
    from have_assessment_submissions
    where is_made
    group by assessment_id, student_id
),

-- the attempts that the migration did not make; those after its own came later
there as (
    select
        live.assessment_id,
        live.student_id,
        max(live.attempt_number) as highest
    from public.assessment_submissions as live
    inner join made on live.assessment_id = made.assessment_id and live.student_id = made.student_id
    where live.attempt_number < made.lowest and live.id not in (select live_id from have_assessment_submissions where is_made)
    group by live.assessment_id, live.student_id
),

numbered as (
    select
        id,
        row_number() over (partition by assessment_id, student_id order by batch_place, create_date, id) as place
    from attempts
    where is_made
)

select
    attempts.id as legacy_id,
    attempts.assessment_id,
    attempts.student_id,
    (coalesce(there.highest, 0) + numbered.place)::integer as attempt_number,
    case when attempts.is_made then attempts.create_date end as submission_date,
    case when attempts.is_made then coalesce(statuses.submission_status, status_default.submission_status) end as status
from attempts
left join numbered on attempts.id = numbered.id
left join there on attempts.assessment_id = there.assessment_id and attempts.student_id = there.student_id
left join seed_submission_status_mapping as statuses on attempts.finish_status::text = statuses.finish_status
left join seed_submission_status_mapping as status_default on status_default.finish_status = '*'
