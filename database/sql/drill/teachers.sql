-- Teachers by chance with a section each, always the same ones. Parameter: number.
select
    instructor_id as user_id,
    course_offering_id
from course_instructors
order by md5(id::text)
limit %(number)s
