-- Logins by chance, always the same ones: who visits during a drill. Parameter: number.
select id as user_id
from users
order by md5(id::text)
limit %(number)s
