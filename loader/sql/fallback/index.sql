create index on {schema}.{published} ({columns})
