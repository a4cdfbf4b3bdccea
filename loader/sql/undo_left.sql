-- Rows that an undo leaves as they are, and why.
create temporary table undo_left (
    live_table text not null, entity text not null, legacy_id bigint not null, live_id uuid not null, reason text not null
) on commit drop
