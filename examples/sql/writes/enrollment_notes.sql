-- Write: the notes of one enrollment. Parameters: notes, id. No row when there is none that the caller may change.
update course_enrollments
set notes = %(notes)s
where id = %(id)s
returning id, notes
