-- Legacy changes that were not published, because the application decides about the row.
select
    conflicts.entity,
    conflicts.conflict,
    count(*) as row_count,
    kinds.sentence,
    kinds.who_acts,
    kinds.repair
from migration.conflicts
left join migration.conflict_kinds as kinds on conflicts.conflict = kinds.conflict
group by conflicts.entity, conflicts.conflict, kinds.sentence, kinds.who_acts, kinds.repair
order by row_count desc, conflicts.entity asc, conflicts.conflict asc
