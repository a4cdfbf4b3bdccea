-- Screen: who is in one section, by name. Parameter: course_offering_id. Where row-level security shows an enrollment without its
-- student, the enrollment stands alone.
select
    course_enrollments.id,
    course_enrollments.student_id,
    students.student_number,
    persons.last_name,
    persons.first_name,
    course_enrollments.enrollment_status,
    course_enrollments.enrollment_date,
    course_enrollments.grade
from course_enrollments
left join students on course_enrollments.student_id = students.id
left join persons on students.user_id = persons.user_id
where course_enrollments.course_offering_id = %(course_offering_id)s
order by persons.last_name, persons.first_name, course_enrollments.id
