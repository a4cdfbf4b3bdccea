-- The UUID of a row that the migration makes (the layout stands in loader/legacy_uuid.py). Lives and ends with the session.
-- One expression, so that PostgreSQL puts it in place of the call. The constant is the sign bit.
create or replace function pg_temp.computed_id(entity_code integer, legacy_id bigint) returns uuid
language sql
immutable
parallel safe
as $$
    select (
        'ed' || lpad(to_hex(entity_code), 2, '0')
        || left(lpad(to_hex(legacy_id # (-9223372036854775808)), 16, '0'), 8)
        || '8' || substr(lpad(to_hex(legacy_id # (-9223372036854775808)), 16, '0'), 9, 3)
        || to_hex(8 | ((legacy_id >> 18) & 3)) || lpad(to_hex((legacy_id >> 2) & 65535), 4, '0') || to_hex((legacy_id & 3) * 4)
        || '0000000000'
    )::uuid
$$
