-- What edu says about an enrollment at this moment, as macros parse_mark and models/marts/course_enrollments.sql have it.
select
    true as is_there,
    coalesce((legacy.create_date at time zone {time_zone})::date, published.enrollment_date) as enrollment_date,
    -- a row that edu has taken back; whether it stands for the enrollment was decided when it was published
    case when legacy.active = 1 then published.enrollment_status else 'withdrawn' end as enrollment_status,
    case
        when replace(btrim(legacy.point, e' \t\r\n\u00a0'), ',', '.') ~ '^0*(100([.]0{{1,30}})?|[0-9]{{1,2}}([.][0-9]{{1,30}})?)$'
            then replace(btrim(legacy.point, e' \t\r\n\u00a0'), ',', '.')::numeric::text
        when upper(btrim(legacy.point, e' \t\r\n\u00a0')) ~ '^[A-F][+-]?$' then upper(btrim(legacy.point, e' \t\r\n\u00a0'))
    end as grade
from public.journal as legacy
where published.legacy_id = legacy.id
