-- Grain: one row: the decisions in force, those of the last published batch.
select
    batch_id as last_batch_id,
    coalesce(courses, 0) > 0 as is_partial,
    coalesce(decisions ->> 'enrollment_grain', 'journal') as enrollment_grain,
    nullif(decisions ->> 'cutoff_date', '')::date as cutoff_date,
    coalesce(nullif(decisions ->> 'time_zone', ''), 'Asia/Baku') as time_zone,
    coalesce((decisions ->> 'create_missing_courses')::boolean, true) as create_missing_courses
from ledger.batches
where published_at is not null and undone_at is null
order by published_at desc, batch_id desc
limit 1
