-- Screen: all students by name, one page of them. Parameters: limit, offset.
select
    students.id,
    students.student_number,
    persons.last_name,
    persons.first_name,
    persons.middle_name,
    students.status,
    students.study_mode,
    students.funding_type,
    students.enrollment_date
from students
left join persons on students.user_id = persons.user_id
order by persons.last_name, persons.first_name, students.id
limit %(limit)s offset %(offset)s
