-- The columns over which the crosswalk's content_hash is taken, per entity: md5 of the text of a row of them, in UTC and ISO
-- style.
create table if not exists ledger.content_columns (
    entity text primary key,
    columns text[] not null
)
