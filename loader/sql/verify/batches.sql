-- Grain: one row per batch that was published and not taken back: its place in time, and the days by which its rows judge whether
-- something is over: `own_date` what is written once, `last_date` what later runs follow. A later batch of everything judges all rows.
with dated as (
    select
        batch_id,
        published_at,
        coalesce(courses, 0) as courses,
        coalesce(nullif(decisions ->> 'as_of_date', '')::date, (started_at at time zone {time_zone})::date) as as_of_date
    from ledger.batches
    where published_at is not null and undone_at is null
)

select
    dated.batch_id,
    dated.published_at,
    dated.courses,
    row_number() over (order by dated.published_at, dated.batch_id) as place,
    dated.as_of_date as own_date,
    coalesce(
        (
            select later.as_of_date
            from dated as later
            where later.courses = 0 and later.published_at >= dated.published_at
            order by later.published_at desc, later.batch_id desc
            limit 1
        ),
        dated.as_of_date
    ) as last_date
from dated
