-- The rows of lms with a legacy source, as they were published.
create table {schema}.{published} (legacy_id bigint, follows boolean not null, {columns})
