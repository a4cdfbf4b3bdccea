-- What edu says about an examination at this moment, as models/staging/edu/stg_edu__exams.sql and the mart have it.
select
    true as is_there,
    case
        when legacy.passing_grade between 0 and 100 and legacy.passing_grade <= published.total_marks then legacy.passing_grade
    end as passing_marks,
    (
        day.start_date
        + coalesce(
            case when btrim(legacy.start_time) ~ '^([01]?[0-9]|2[0-3]):[0-5][0-9]$' then btrim(legacy.start_time)::time end,
            time '00:00'
        )
    ) at time zone {time_zone} as due_date,
    legacy.duration as duration_minutes
from public.exam as legacy
cross join
    lateral (
        -- make_date raises on a day that does not exist: only those that do reach it
        select case
            when btrim(legacy.start_date) ~ '^(0?[1-9]|[12][0-9]|3[01])/(0?[1-9]|1[0-2])/(1[89]|20)[0-9][0-9]$'
                and split_part(btrim(legacy.start_date), '/', 1)::integer <= extract(
                    day from make_date(
                        split_part(btrim(legacy.start_date), '/', 3)::integer,
                        split_part(btrim(legacy.start_date), '/', 2)::integer,
                        1
                    ) + interval '1 month - 1 day'
                )
                then make_date(
                        split_part(btrim(legacy.start_date), '/', 3)::integer,
                        split_part(btrim(legacy.start_date), '/', 2)::integer,
                        split_part(btrim(legacy.start_date), '/', 1)::integer
                    )
        end as start_date
    ) as day
where published.legacy_id = legacy.id
