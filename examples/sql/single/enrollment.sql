-- The form for the notes: one enrollment. Parameter: id. Index: its primary key.
select id, enrollment_status, notes
from course_enrollments
where id = %(id)s
