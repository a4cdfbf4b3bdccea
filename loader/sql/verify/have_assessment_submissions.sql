-- Grain: one row per published exam_student row, as the submission stands in lms.
select
    crosswalk.legacy_id,
    crosswalk.live_id,
    made.is_made,
    crosswalk.is_withdrawn,
    batches.place as batch_place,
    live.assessment_id,
    live.student_id,
    live.attempt_number as any_attempt_number,
    case when made.is_made then live.attempt_number end as attempt_number,
    case when made.is_made then live.submission_date end as submission_date,
    case when made.is_made then live.status end as status
from ledger.crosswalk
cross join lateral (select crosswalk.method = 'inserted' as is_made) as made
inner join public.assessment_submissions as live on crosswalk.live_id = live.id
left join batches on crosswalk.batch_id = batches.batch_id
where crosswalk.entity = 'assessment_submissions'
