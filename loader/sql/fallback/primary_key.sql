alter table {schema}.{published} add primary key (id)
