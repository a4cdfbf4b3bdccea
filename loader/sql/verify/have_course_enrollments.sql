-- Grain: one row per published journal row, as the enrollment stands in lms.
select
    crosswalk.legacy_id,
    crosswalk.live_id,
    made.is_made,
    crosswalk.method = 'folded' as is_folded,
    batches.place as batch_place,
    batches.as_of_date,
    live.course_offering_id,
    live.student_id,
    live.old_journal_id,
    case when made.is_made then live.enrollment_date end as enrollment_date,
    case when made.is_made then live.enrollment_status end as enrollment_status,
    case when made.is_made then live.status_changed_date end as status_changed_date,
    case when made.is_made then live.grade end as grade,
    case when made.is_made then live.grade_points end as grade_points,
    case when made.is_made then live.attendance_percentage end as attendance_percentage,
    case when made.is_made then live.is_retake end as is_retake,
    case when made.is_made then live.notes end as notes
from ledger.crosswalk
cross join lateral (select crosswalk.method = 'inserted' as is_made) as made
inner join public.course_enrollments as live on crosswalk.live_id = live.id
left join batches on crosswalk.batch_id = batches.batch_id
where crosswalk.entity = 'course_enrollments'
