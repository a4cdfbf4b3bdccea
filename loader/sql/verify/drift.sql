-- The ids of the rows that differ between edu as it is now and its staged copy, those of one side only included.
select
    {source} as source,
    coalesce(now.id, staged.id) as legacy_id
from {raw} as now
full join (select {columns} from {staging}) as staged on now.id = staged.id
where row({now_columns}) is distinct from row({staged_columns})
group by coalesce(now.id, staged.id)
