-- An object with the known keys only.
case
    when jsonb_typeof({column}) = 'object'
        then coalesce(
            (
                select jsonb_object_agg(entry.key, entry.value)
                from jsonb_each({column}) as entry (key, value)
                where entry.key = any({keys}::text[])
            ),
            '{{}}'::jsonb
        )
end
