-- How many entries of the crosswalk are of which kind.
select
    count(*) filter (where method in ('inserted', 'own_login')) as inserted,
    count(*) filter (where method = 'folded') as folded,
    count(*) filter (where method not in ('inserted', 'own_login', 'folded')) as matched,
    count(*) filter (where is_withdrawn) as withdrawn
from ledger.crosswalk
where entity = {entity}
