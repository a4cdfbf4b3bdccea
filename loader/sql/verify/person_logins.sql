-- Grain: one row per person of edu that has a login: the candidates.
select
    accounts.person_id,
    array_agg(distinct account_logins.live_user_id) as live_user_ids
from raw_accounts as accounts
inner join account_logins on accounts.id = account_logins.account_id
where accounts.person_id is not null
group by accounts.person_id
