-- Every foreign key holds, whether or not its constraint is still there.
select
    {entity} as entity,
    {what} as what,
    null::bigint as legacy_id,
    child.id as live_id,
    null::jsonb as expected,
    jsonb_build_object({column_name}, child.{column}) as found,
    null::text as label,
    false as is_excused
from {child} as child
where child.{column} is not null
    and not exists (select 1 from {parent} as parent where parent.id = child.{column})
