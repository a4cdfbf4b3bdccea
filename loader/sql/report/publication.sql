-- What the last publication wrote, or in a dry run would have written, and how long each table took.
select
    entity,
    batch_id,
    is_published,
    is_fast,
    inserted,
    tracked,
    updated,
    withdrawn,
    round(seconds::numeric, 3)::double precision as seconds
from migration.lms_publish
order by seconds desc, entity asc
