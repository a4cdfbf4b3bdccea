-- Reads at most one row: from now on nobody can alter or empty the table until our transaction ends.
select from {relation} limit 1
