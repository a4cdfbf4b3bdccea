-- The same rows as edu holds them. COPY takes no parameters.
copy (
    select {columns}
    from {relation} as copied
    where
        {id} = any({ids}::bigint[])
        or ({id} is null and {row_hash} = any({hashes}::bigint[]))
) to stdout
