-- Removes rows from a copy.
delete from {relation} as copied where {condition}
