-- Asks for the right to add rows and could add none.
insert into course_enrollments
select * from course_enrollments
where false
