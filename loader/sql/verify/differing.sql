-- Grain: one row per difference.
select
    null::text as entity,
    null::text as what,
    null::bigint as legacy_id,
    null::uuid as live_id,
    null::jsonb as expected,
    null::jsonb as found,
    null::text as label,
    null::boolean as is_excused
