-- Grain: one row per student that migrates: active, or named by an active journal or examination row that migrates.
select students.*
from raw_students as students
where students.active = 1
    or students.id in (
        select journal.student_id
        from raw_journal as journal
        left join sections on journal.course_id = sections.id
        where journal.active = 1 and not coalesce(sections.is_before_cutoff, false)
    )
    or students.id in (
        select exam_student.student_id
        from raw_exam_student as exam_student
        left join raw_exam as exam on exam_student.exam_id = exam.id
        left join sections on exam.course_id = sections.id
        where exam_student.active = 1 and not coalesce(sections.is_before_cutoff, false)
    )
