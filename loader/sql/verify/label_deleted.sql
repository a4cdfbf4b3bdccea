-- A row that is gone from lms, or has no parent there to stand at, because somebody has deleted it: the migration deletes
-- nothing.
with lost as (
    select entity, legacy_id
    from walk
    where not case entity
            when 'users' then exists (select 1 from public.users as live where live.id = walk.live_id)
            when 'persons' then exists (select 1 from public.persons as live where live.id = walk.live_id)
            when 'students' then exists (select 1 from public.students as live where live.id = walk.live_id)
            when 'staff_members' then exists (select 1 from public.staff_members as live where live.id = walk.live_id)
            when 'academic_terms' then exists (select 1 from public.academic_terms as live where live.id = walk.live_id)
            when 'courses' then exists (select 1 from public.courses as live where live.id = walk.live_id)
            when 'course_offerings' then exists (select 1 from public.course_offerings as live where live.id = walk.live_id)
            when 'assessments' then exists (select 1 from public.assessments as live where live.id = walk.live_id)
            else true
        end
),

children as (
    select journal.id as legacy_id
    from raw_journal as journal
    where {entity} = 'course_enrollments'
        and (
            journal.course_id in (select legacy_id from lost where entity = 'course_offerings')
            or journal.student_id in (select legacy_id from lost where entity = 'students')
        )
    union all
    select attempt.id
    from raw_exam_student as attempt
    where {entity} = 'assessment_submissions'
        and (
            attempt.exam_id in (select legacy_id from lost where entity = 'assessments')
            or attempt.student_id in (select legacy_id from lost where entity = 'students')
        )
    union all
    select exam.id
    from raw_exam as exam
    where {entity} = 'assessments' and exam.course_id in (select legacy_id from lost where entity = 'course_offerings')
    union all
    select teaching.id
    from raw_course_teacher as teaching
    where {entity} = 'course_instructors' and teaching.course_id in (select legacy_id from lost where entity = 'course_offerings')
)

update differing
set
    label = concat_ws(
        '; ',
        differing.label,
        case differing.what
            when 'deleted' then 'deleted in lms since batch ' || crosswalk.batch_id else 'its parent was deleted in lms'
        end
    ),
    is_excused = differing.is_excused or {allow_edits}
from differing as this
left join ledger.crosswalk on crosswalk.entity = {entity} and this.legacy_id = crosswalk.legacy_id
where this.ctid = differing.ctid
    and (differing.what = 'deleted' or (differing.what = 'missing' and differing.legacy_id in (select legacy_id from children)))
