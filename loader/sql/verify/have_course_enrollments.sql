-- Grain: one row per published journal row, as the enrollment stands in lms.
select
    crosswalk.legacy_id,
    crosswalk.live_id,
    made.is_made,
    crosswalk.is_withdrawn,
    crosswalk.method = 'folded' as is_folded,
    batches.place as batch_place,
    batches.published_at,
    coalesce(moved.own_date, batches.own_date) as own_date,
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
left join (
    -- an enrollment that a later run has moved was judged anew then
    select
        changes.legacy_id,
        max(moving.own_date) as own_date
    from ledger.changes
    inner join batches as moving on changes.batch_id = moving.batch_id
    where changes.entity = 'course_enrollments' and changes.kind = 'updated'
        and (changes.before ->> 'course_offering_id', changes.before ->> 'student_id')
        is distinct from (changes.after ->> 'course_offering_id', changes.after ->> 'student_id')
    group by changes.legacy_id
) as moved on crosswalk.legacy_id = moved.legacy_id
where crosswalk.entity = 'course_enrollments'
