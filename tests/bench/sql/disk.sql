-- What the relations of each schema take on disk, indexes and TOAST included.
select
    format('%s MiB', class.relnamespace::regnamespace) as what,
    round(sum(pg_total_relation_size(class.oid)) / 1048576.0)::integer as mib
from pg_class as class
where
    class.relkind in ('r', 'm')
    and class.relnamespace::regnamespace::text in ('public', 'staging', 'migration', 'ledger')
group by class.relnamespace
