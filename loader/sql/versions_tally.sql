-- Rows and ids per block, as arrays written as text. Where one row is too many, the two sums of ids without carry (xor) say
-- which.
select
    array_agg(tally.block)::text as blocks,
    array_agg(tally.row_count)::text as row_counts,
    array_agg(tally.ids)::text as ids
from (
    select
        {few} as block,
        count(*) as row_count,
        bit_xor({id}) as ids
    from {relation} as copied
    group by 1
) as tally
