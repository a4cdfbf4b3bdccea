-- A live row stands for one legacy row; others are folded into it, and then it is there for the one.
select
    {entity} as entity,
    case
        when count(*) filter (where method <> 'folded') > 1 then 'several legacy rows claim one live row'
        else 'rows are folded into a row that no legacy row stands for'
    end as what,
    min(legacy_id) as legacy_id,
    live_id,
    jsonb_build_object('legacy rows', 1) as expected,
    jsonb_build_object('legacy rows', (array_agg(legacy_id::text order by legacy_id))[1:5]) as found,
    null::text as label,
    false as is_excused
from ledger.crosswalk
where entity = {entity}
group by live_id
having count(*) filter (where method <> 'folded') > 1
    -- a login may be there for the account as such
    or (
        count(*) filter (where method <> 'folded') = 0
        and not (
            {entity} = 'users'
            and live_id in (select walk.live_id from walk where walk.entity in ('accounts', 'student_logins', 'staff_logins'))
        )
    )
