-- When the fallback's identifiers were last computed (seconds since 1970), and from which batch: one row.
select
    extract(epoch from published_at) as published_at,
    batch_id,
    crosswalk_rows
from publication
