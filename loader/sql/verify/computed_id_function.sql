-- The UUID of a row that the migration makes (the layout stands in loader/legacy_uuid.py). Lives and ends with the session.
create or replace function pg_temp.computed_id(entity_code integer, legacy_id bigint) returns uuid
language sql
immutable
as $$
    select (
        'ed' || lpad(to_hex(entity_code), 2, '0')
        || left(digits, 8) || '8' || substr(digits, 9, 3)
        || to_hex((8 | (low >> 18))::integer) || lpad(to_hex((low >> 2) & 65535), 4, '0') || to_hex((low & 3) * 4)
        || '0000000000'
    )::uuid
    from (select lpad(to_hex(legacy_id # (-9223372036854775808)), 16, '0') as digits, legacy_id & 1048575 as low) as bits
$$
