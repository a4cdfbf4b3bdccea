-- Grain: one row per published batch: its place in time, and the day by which its rows judge whether a term is over.
-- A later batch of everything judges all rows anew; a small batch judges its own.
with dated as (
    select
        batch_id,
        published_at,
        coalesce(courses, 0) as courses,
        coalesce(nullif(decisions ->> 'as_of_date', '')::date, started_at::date) as as_of_date
    from ledger.batches
    where published_at is not null
)

select
    dated.batch_id,
    dated.published_at,
    dated.courses,
    row_number() over (order by dated.published_at, dated.batch_id) as place,
    coalesce(
        (
            select later.as_of_date
            from dated as later
            where later.courses = 0 and later.published_at >= dated.published_at
            order by later.published_at desc, later.batch_id desc
            limit 1
        ),
        dated.as_of_date
    ) as as_of_date
from dated
