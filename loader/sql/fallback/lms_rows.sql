-- Grain: one row per live row that has a legacy source. Several legacy rows may be one live row: the one that it was made from,
-- or was matched with, stands for it.
select
    source.legacy_id,
    source.is_made,
    {columns}
from public.{table} as live
inner join (
    select distinct on (live_id)
        live_id,
        legacy_id,
        method in ('inserted', 'own_login') as is_made
    from ledger.crosswalk
    where entity = any({entities}::text[])
    order by live_id asc, method = 'folded', legacy_id
) as source on live.id = source.live_id
