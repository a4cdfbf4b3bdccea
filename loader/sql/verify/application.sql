-- How many live rows are the application's own: no entry of the crosswalk leads to them.
select count(*) as n
from {live} as live
where not exists (
        select 1
        from ledger.crosswalk
        where crosswalk.live_id = live.id
            and (
                crosswalk.entity = {entity}
                or ({entity} = 'users' and crosswalk.entity in ('accounts', 'student_logins', 'staff_logins'))
            )
    )
