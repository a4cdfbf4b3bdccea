-- How many differences a check finds: nearly always none, and counting may use several processes, which INSERT may not.
select count(*) as n
from ({query}) as found
