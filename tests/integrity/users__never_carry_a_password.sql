-- Promise: no new login carries a password.
-- If it fails: a clear-text password of edu, or one that somebody guessed, would open the application.
-- Who acts: developer, at once.
select id
from {{ ref('users') }}
where password_hash <> '!'
    or metadata::text ~* 'password[^_]'
    or (outcome = 'inserted' and not metadata ? 'password_reset_required')
