-- Compares rows that have been written in edu with the copy: which are new there or other than here, where they stand here, and
-- the sums of the hashes before and after. A row that was written again as it was is none of them.
with edu as (
    select
        written.id,
        written.row_hash
    from unnest(%(ids)s::bigint[], %(hashes)s::bigint[]) as written (id, row_hash)
),

held as (
    select
        {id} as id,
        copied.ctid as place,
        {row_hash} as row_hash
    from {relation} as copied
    where {id} = any(%(ids)s::bigint[])
)

select
    count(*) filter (where held.id is null) as inserted,
    count(held.id) as changed,
    coalesce(sum(held.row_hash), 0)::text as before,
    coalesce(sum(edu.row_hash), 0)::text as after,
    coalesce(array_agg(edu.id order by edu.id), '{{}}') as ids,
    coalesce(array_agg(held.place) filter (where held.id is not null), '{{}}')::text as places
from edu
left join held on edu.id = held.id
where held.row_hash is distinct from edu.row_hash
