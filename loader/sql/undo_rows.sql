-- What a batch wrote into the crosswalk. `live_hash` is filled where the live row is still there, `left_because` where it must
-- stay.
create temporary table undo_rows on commit drop as
select
    case when crosswalk.entity in ('accounts', 'student_logins', 'staff_logins') then 'users' else crosswalk.entity end
        as live_table,
    crosswalk.entity,
    crosswalk.legacy_id,
    crosswalk.live_id,
    crosswalk.method in ('inserted', 'own_login') as is_made,
    crosswalk.method = 'folded' as is_folded,
    crosswalk.content_hash,
    null::uuid as live_hash,
    null::text as left_because
from ledger.crosswalk as crosswalk
where crosswalk.batch_id = %(batch)s
