-- What the last run of the publication wrote, or (in a dry run) would have written: rows.
select
    coalesce(sum(inserted), 0)::bigint as inserted,
    coalesce(sum(tracked), 0)::bigint as tracked,
    coalesce(sum(updated), 0)::bigint as updated,
    coalesce(sum(withdrawn), 0)::bigint as withdrawn
from migration.lms_publish
