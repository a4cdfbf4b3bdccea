-- Signing in: the user of that name. Parameter: username. Index: users_username_key.
select id, username
from users
where username = %(username)s and is_active
