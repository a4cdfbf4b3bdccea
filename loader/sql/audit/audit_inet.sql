-- An address out of a setting or a header; null when it is none: a log must not fail for what a client has sent.
create or replace function public.audit_inet(p_address text) returns inet
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(p_address, '')::inet;
exception
    when invalid_text_representation then
        return null;
end
$$
