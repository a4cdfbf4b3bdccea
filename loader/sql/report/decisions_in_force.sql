-- The decisions as the last run itself wrote them down: settings, and mapping files with their lines and hashes.
select
    kind,
    decision,
    value,
    default_value,
    is_default,
    question,
    file_hash,
    case when kind = 'seed' then split_part(value, ' ', 1)::bigint end as lines
from migration.decisions_in_force
order by kind desc, decision asc
