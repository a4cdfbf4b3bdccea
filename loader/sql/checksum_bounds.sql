-- Bounds of blocks of about 64 rows, from every sixteenth row: any bounds are right, even ones only make the work even.
select distinct sampled.id
from (
    select
        {id} as id,
        row_number() over (order by {id}) as number
    from {relation} as copied tablesample bernoulli (6.25) repeatable (1)
    where {id} is not null
) as sampled
where mod(sampled.number, 4) = 0
order by sampled.id
