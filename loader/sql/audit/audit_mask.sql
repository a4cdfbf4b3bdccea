-- A document with the value of every key that names a secret (password_hash, token, …) replaced by ***, at any depth.
create or replace function public.audit_mask(p_document jsonb) returns jsonb
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    secret constant text := 'passw|secret|token|api_?key|private_?key|credential';
begin
    -- nearly every document
    if p_document is null or p_document::text !~* secret then
        return p_document;
    end if;
    return case jsonb_typeof(p_document)
        when 'object' then (
            select jsonb_object_agg(
                entry.key,
                case when entry.key ~* secret and entry.value <> 'null' then '"***"' else public.audit_mask(entry.value) end
            )
            from jsonb_each(p_document) as entry
        )
        when 'array' then (
            select jsonb_agg(public.audit_mask(item.value) order by item.place)
            from jsonb_array_elements(p_document) with ordinality as item (value, place)
        )
        else p_document
    end;
end
$$
