-- Grain: one row per account that a student or teacher in scope logs in with (rules, section 11): the users row that stands for
-- it. It migrates whatever its own `active` says.
with holders as (
    select person_id, user_id from student_scope
    union
    select person_id, user_id from teacher_scope
),

-- of a person's accounts the active one, then the oldest
person_accounts as (
    select distinct on (person_id) person_id, id as account_id
    from raw_accounts
    where person_id is not null
    order by person_id asc, coalesce(active = 1, false) desc, id asc
),

needed as (
    select coalesce(accounts.id, person_accounts.account_id) as account_id
    from holders
    left join raw_users as users on holders.user_id = users.id
    left join raw_accounts as accounts on users.account_id = accounts.id
    left join person_accounts on holders.person_id = person_accounts.person_id
)

select distinct on (users.account_id)
    users.account_id,
    users.id as legacy_id
from raw_users as users
left join walk on walk.entity = 'users' and users.id = walk.legacy_id
where users.account_id in (select account_id from needed)
    and coalesce(walk.method, '') <> 'own_login'
    and users.account_id not in (select walk.legacy_id from walk where walk.entity = 'accounts')
order by users.account_id asc, coalesce(walk.method <> 'folded', false) desc, coalesce(users.active = 1, false) desc, users.id asc
