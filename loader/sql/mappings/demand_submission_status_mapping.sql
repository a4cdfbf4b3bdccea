-- States in which attempts at examinations ended; edu has no names for them.
select
    held.finish_status::text as finish_status,
    count(*) filter (where held.is_active) as row_count,
    count(*) as all_rows,
    'attempts' as unit,
    null as name_az,
    null as name_en,
    null as name_ru
from migration.stg_edu__exam_attempts as held
group by held.finish_status
order by held.finish_status
