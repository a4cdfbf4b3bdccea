-- Removes the row versions of a copy that stand there.
delete from {relation} as copied where copied.ctid = any(%(places)s::tid[])
