-- How many differences of an entity there are.
select
    what,
    label,
    is_excused,
    count(*) as n
from differing
where entity = {entity}
group by what, label, is_excused
order by is_excused, what, label
