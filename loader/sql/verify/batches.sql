-- Grain: one row per batch that was published (rows that an undo had to leave keep theirs): its place in time, and the days by
-- which its rows judge whether something is over: `own_date` what is written once, `last_date` what later runs follow. A later
-- batch of everything judges all rows.
with dated as (
    select
        batch_id,
        published_at,
        undone_at is not null as is_undone,
        coalesce(courses, 0) as courses,
        coalesce(nullif(decisions ->> 'as_of_date', '')::date, (started_at at time zone {time_zone})::date) as as_of_date
    from ledger.batches
    where published_at is not null
)

select
    dated.batch_id,
    dated.published_at,
    dated.is_undone,
    row_number() over (order by dated.published_at, dated.batch_id) as place,
    dated.as_of_date as own_date,
    coalesce(
        (
            select later.as_of_date
            from dated as later
            where later.courses = 0 and not later.is_undone and later.published_at >= dated.published_at
            order by later.published_at desc, later.batch_id desc
            limit 1
        ),
        dated.as_of_date
    ) as last_date
from dated
