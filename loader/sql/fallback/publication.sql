-- What was published, and when.
select
    batch_id,
    published_at
from lms_compat.publication
