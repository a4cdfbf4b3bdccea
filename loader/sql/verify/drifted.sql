-- Grain: one row per row of edu that is not what the last load copied.
select
    null::text as source,
    null::bigint as legacy_id
