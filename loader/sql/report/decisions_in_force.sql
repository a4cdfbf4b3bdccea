-- The decisions as the last run itself wrote them down: settings, and mapping files with their hashes.
select kind, decision, value, default_value, is_default, question, file_hash
from migration.decisions_in_force
order by kind desc, decision asc
