-- Keeps what came. A row follows edu when the migration made it and its values are what edu says at this moment.
analyze pg_temp.incoming;
insert into {schema}.{published}
select
    published.legacy_id,
    {follows},
    {columns}
from pg_temp.incoming as published
{derived}
