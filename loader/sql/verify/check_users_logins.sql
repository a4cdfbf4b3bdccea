-- The users rows of an account are one live user (rules, section 11), and names and addresses of live users differ.
select
    'users' as entity,
    'the users rows of one account lead to several live users' as what,
    account_id as legacy_id,
    live_user_id as live_id,
    jsonb_build_object('live users', 1) as expected,
    jsonb_build_object('live users', live_users) as found,
    null::text as label,
    false as is_excused
from account_logins
where live_users > 1
