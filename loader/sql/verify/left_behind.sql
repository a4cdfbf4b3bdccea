-- How many wanted rows need not be there, and why.
select
    count(*) filter (where is_rejected) as rejected,
    count(*) filter (where not is_rejected) as not_yet
from (
    select
        exists(
            select 1 from rejected where rejected.entity = {entity} and rejected.legacy_id = wanted.legacy_id
        ) as is_rejected
    from {want} as wanted
    where not ({counts})
) as behind
