-- Ledgers of the first version did not say how the live row was left; there these columns stay NULL.
alter table ledger.crosswalk
add column if not exists source_hash uuid,
add column if not exists content_hash uuid,
add column if not exists is_withdrawn boolean not null default false
