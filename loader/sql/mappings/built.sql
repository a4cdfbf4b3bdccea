-- Which of the models are not there.
select wanted as missing
from unnest(%(names)s::text[]) as wanted
where to_regclass('migration.' || wanted) is null
