-- Asks for the right to delete rows and could delete none.
delete from assessment_submissions
where false
