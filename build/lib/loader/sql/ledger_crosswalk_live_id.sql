-- The way back: from a live row to its legacy rows.
create index if not exists crosswalk_live_id_idx on ledger.crosswalk (entity, live_id)
