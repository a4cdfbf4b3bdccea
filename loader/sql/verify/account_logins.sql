-- Grain: one row per account of edu: its one live user. The users rows of an account share it; one that got a login of its own
-- does not.
select
    account_id,
    (array_agg(live_id order by live_id))[1] as live_user_id,
    count(distinct live_id) as live_users
from (
    select users.account_id, walk.live_id
    from walk
    inner join raw_users as users on walk.legacy_id = users.id
    where walk.entity = 'users' and walk.method <> 'own_login'
    union all
    select legacy_id, live_id from walk where entity = 'accounts'
) as logins
where account_id is not null
group by account_id
