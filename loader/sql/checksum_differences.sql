-- Compares some blocks of the copy with the rows of edu: per id, how many rows only edu has and how many only the copy has, and
-- the hashes of these rows where there is no id. A row is its id and its hash; rows that are there twice must be there twice.
select
    differing.id,
    sum(greatest(differing.surplus, 0))::bigint as only_edu,
    sum(greatest(-differing.surplus, 0))::bigint as only_copy,
    array_agg(differing.row_hash) filter (where differing.id is null) as hashes
from (
    select
        either.id,
        either.row_hash,
        sum(either.side) as surplus
    from (
        select
            edu.id,
            edu.row_hash,
            1 as side
        from unnest(%(ids)s::bigint[], %(hashes)s::bigint[]) as edu (id, row_hash)
        union all
        select
            {id},
            {row_hash},
            -1
        from {relation} as copied
        where {block} = any(%(blocks)s::bigint[])
    ) as either
    group by either.id, either.row_hash
    having sum(either.side) <> 0
) as differing
group by differing.id
