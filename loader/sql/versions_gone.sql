-- Which rows are too many, told by the tally of edu: the ids where one row of a block is, and the blocks where several are.
select
    coalesce(array_agg(own.ids # coalesce(edu.ids, 0)) filter (where own.row_count = coalesce(edu.row_count, 0) + 1), '{{}}')::text as gone,
    coalesce(array_agg(own.block) filter (where own.row_count > coalesce(edu.row_count, 0) + 1), '{{}}')::text as several
from (
    select
        {few} as block,
        count(*) as row_count,
        bit_xor({id}) as ids
    from {relation} as copied
    group by 1
) as own
left join unnest(%(blocks)s::bigint[], %(row_counts)s::bigint[], %(ids)s::bigint[]) as edu (block, row_count, ids)
    on own.block = edu.block
where own.row_count <> coalesce(edu.row_count, 0)
