-- The live courses with their names.
select
    code,
    name ->> 'az' as name_az,
    name ->> 'en' as name_en,
    name ->> 'ru' as name_ru
from migration.stg_lms__courses
order by code
