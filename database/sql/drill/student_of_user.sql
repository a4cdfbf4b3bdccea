-- The student behind a login, as that login sees it, with the name. Parameter: user_id.
select
    students.id as student_id,
    persons.last_name,
    persons.first_name
from students
left join persons on students.user_id = persons.user_id
where students.user_id = %(user_id)s
