-- The highest legacy id of each full block.
select legacy_id
from (select legacy_id, row_number() over (order by legacy_id) as n from {want}) as numbered
where n % {block_size} = 0
order by legacy_id
