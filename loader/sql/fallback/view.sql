-- The relation as the application knows it, first with all its rows, then with those that the row-level security of lms shows.
-- Both are read with the rights of their owner: the fallback's role has none on what lies below.
set local search_path = {schema}, pg_catalog;
create view {schema}.{every} as
select
    {columns}
from {schema}.{published} as published
{derived};
create view {schema}.{name} as
select *
from {schema}.{every} as {name}
where {condition};
set local search_path = pg_catalog
