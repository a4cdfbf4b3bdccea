-- The student behind a login, as that login sees it. Parameter: user_id.
select id as student_id
from students
where user_id = %(user_id)s
