-- What the publication says of itself; the connection manager reads the first of them.
create table {schema}.publication (
    published_at timestamptz not null,
    batch_id text not null,
    crosswalk_rows bigint not null
);
create table {schema}.coverage (
    table_name text primary key,
    rows_in_lms bigint not null,
    rows_here bigint not null,
    rows_following_edu bigint not null,
    columns_without_source text[] not null,
    columns_from_lms text[] not null
);
create table {schema}.column_sources (
    table_name text not null,
    place integer not null,
    column_name text not null,
    data_type text not null,
    source text not null,
    legacy text not null,
    primary key (table_name, column_name)
);
grant select on {schema}.publication, {schema}.coverage, {schema}.column_sources to {role}
