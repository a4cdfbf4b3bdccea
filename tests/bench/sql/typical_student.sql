-- The student with the middle number of enrollments.
select student_id
from (
    select
        student_id,
        row_number() over (order by count(*), student_id) as place,
        count(*) over () as students
    from course_enrollments
    group by student_id
) as student
where place = (students + 1) / 2
