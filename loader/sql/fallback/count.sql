select
    count(*) as row_count,
    count(*) filter (where follows) as following
from {schema}.{published}
