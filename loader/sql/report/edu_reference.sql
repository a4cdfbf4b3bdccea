-- How many active values of a column find a row in the table that it names. Edu declares no references: this is the proof of one.
select
    count(child.{column}) as values_there,
    count(child.{column}) filter (where parent.id is not null) as values_found
from staging.{child} as child
left join (select distinct id from staging.{parent}) as parent on child.{column} = parent.id
where child.active = 1
