-- The transactions that have written rows since, as far as these rows still stand there. Their numbers are 32 bits wide.
select copied.xmin::text::bigint as writer
from {relation} as copied
where {written}
group by copied.xmin
