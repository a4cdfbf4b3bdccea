-- The last verification, if it was not finished.
select
    verification_id,
    batch_id,
    options,
    place,
    results
from (select * from ledger.verifications order by started_at desc, verification_id desc limit 1) as last_one
where finished_at is null
