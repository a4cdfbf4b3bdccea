-- A difference whose legacy row, or one that it names, is not what the last load copied: edu has changed since.
with changed as (
    select
        entities.entity,
        drifted.legacy_id
    from drifted
    inner join (
        values ('users', 'users'), ('persons', 'persons'), ('students', 'students'), ('staff_members', 'teachers'),
        ('courses', 'subject_catalog'), ('course_offerings', 'course'), ('course_instructors', 'course_teacher'),
        ('course_enrollments', 'journal'), ('assessments', 'exam'), ('assessment_submissions', 'exam_student')
    ) as entities (entity, source) on drifted.source = entities.source
    union
    select 'users', users.id
    from raw_users as users
    inner join drifted on drifted.source = 'accounts' and users.account_id = drifted.legacy_id
    union
    select 'course_enrollments', journal.id
    from raw_journal as journal
    where journal.course_id in (select legacy_id from drifted where source = 'course')
        or journal.student_id in (select legacy_id from drifted where source = 'students')
    union
    select 'assessments', exam.id
    from raw_exam as exam
    inner join drifted on drifted.source = 'course' and exam.course_id = drifted.legacy_id
    union
    select 'assessment_submissions', attempt.id
    from raw_exam_student as attempt
    where attempt.exam_id in (select legacy_id from drifted where source = 'exam')
        or attempt.student_id in (select legacy_id from drifted where source = 'students')
    union
    select 'course_instructors', teaching.id
    from raw_course_teacher as teaching
    where teaching.course_id in (select legacy_id from drifted where source = 'course')
        or teaching.teacher_id in (select legacy_id from drifted where source = 'teachers')
)

update differing
set label = concat_ws('; ', differing.label, 'changed in edu since the load')
from changed
where differing.entity = {entity} and changed.entity = {entity} and differing.legacy_id = changed.legacy_id
