-- Which rows of the copy are too many, by the tallies of both sides: the ids where one row of a block is, and the blocks where
-- several are.
select
    coalesce(
        array_agg(own.ids # coalesce(edu.ids, 0)) filter (where own.row_count = coalesce(edu.row_count, 0) + 1), '{}'
    )::text as gone,
    coalesce(array_agg(own.block) filter (where own.row_count > coalesce(edu.row_count, 0) + 1), '{}')::text as several
from unnest(%(blocks)s::bigint[], %(row_counts)s::bigint[], %(ids)s::bigint[]) as own (block, row_count, ids)
left join
    unnest(%(edu_blocks)s::bigint[], %(edu_row_counts)s::bigint[], %(edu_ids)s::bigint[]) as edu (block, row_count, ids)
    on own.block = edu.block
where own.row_count <> coalesce(edu.row_count, 0)
