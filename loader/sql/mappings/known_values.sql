-- Which of the values exist in this column.
select distinct {column}::text as known
from {table}
where {column}::text = any(%(values)s)
