-- Grain: one row per teacher that migrates: active, or teaching a section in scope.
select teachers.*
from raw_teachers as teachers
where teachers.active = 1
    or teachers.id in (
        select course_teacher.teacher_id
        from raw_course_teacher as course_teacher
        inner join sections on course_teacher.course_id = sections.id
        where course_teacher.active = 1 and sections.is_in_scope
    )
