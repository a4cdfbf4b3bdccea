-- Which live row stands for which legacy row, how that was found out, and the batch that wrote it down.
create table if not exists ledger.crosswalk (
    entity text not null,
    legacy_id bigint not null,
    live_id uuid not null,
    method text not null,
    score numeric,
    evidence text,
    batch_id text not null,
    -- what edu said when the row was last written; NULL for the application's own rows and after a withdrawal
    source_hash uuid,
    -- the live row as it was left; another hash now means that the application has touched it
    content_hash uuid,
    is_withdrawn boolean not null default false,
    primary key (entity, legacy_id)
)
