-- A document with the value of every key that names a secret (password_hash, token, userPin, …) replaced by ***, at any depth.
create or replace function public.audit_mask(p_document jsonb) returns jsonb
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    shown constant text collate "C" := p_document::text;
    -- the names that the application's recorder masks; anywhere in a key, whatever stands around it
    part constant text := 'passw|passphrase|passcode|secret|token|authorization|credential|cookie|csrf|xsrf|signature|bearer'
        '|(api|access|private|session)[^a-z0-9]*key|session[^a-z0-9]*id|card[^a-z0-9]*number';
    -- a word of a key, since they are parts of `opinion` and `outside`; in a document, a beginning of one
    word constant text := '(^|[^a-z0-9])(pwd|pass|pin|otp|jwt|sid|cvv|cvc|ssn|auth)([^a-z0-9]|$)';
    beginning constant text := '([Pp][Ww][Dd]|[Pp][Aa][Ss][Ss]|[Pp][Ii][Nn]|[Oo][Tt][Pp]|[Jj][Ww][Tt]|[Ss][Ii][Dd]|[Cc][Vv][VvCc]'
        '|[Ss][Ss][Nn]|[Aa][Uu][Tt][Hh])[^a-z0-9]';
    -- where a word ends: user[pin], userPin, PINCode
    border constant text := '%[0-9A-Fa-f]{2}|([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])';
begin
    -- nearly every document; "C" because in Azerbaijani the small letter of I is another one
    if p_document is null or lower(shown) !~ part and shown !~ beginning then
        return p_document;
    end if;
    return case jsonb_typeof(p_document)
        when 'object' then (
            select jsonb_object_agg(
                entry.key,
                case
                    when entry.value <> 'null' and (
                        lower(entry.key collate "C") ~ part
                        or lower(regexp_replace(entry.key collate "C", border, '\1\2_', 'g')) ~ word
                    ) then '"***"'
                    else public.audit_mask(entry.value)
                end
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
