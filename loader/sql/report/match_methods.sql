-- How it was found out which live row is which legacy row, for every published row, with the strength of the evidence.
select
    entity,
    method,
    count(*) as row_count,
    round(min(score), 2)::double precision as lowest_score,
    round(avg(score), 2)::double precision as average_score,
    count(*) filter (where is_withdrawn) as withdrawn
from ledger.crosswalk
group by entity, method
order by entity asc, row_count desc, method asc
