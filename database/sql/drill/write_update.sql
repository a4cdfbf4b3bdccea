-- Asks for the right to change rows and could change none.
update students
set status = status
where false
