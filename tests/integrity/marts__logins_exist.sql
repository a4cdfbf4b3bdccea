-- Promise: every login that a mart refers to is live or about to be inserted.
-- If it fails: the publication would break a foreign key to users.
-- Who acts: developer.
with logins as (
    select id from {{ ref('users') }}
    union
    select user_id from {{ ref('stg_lms__users') }}
),

referring as (
    select 'persons' as mart, id, user_id from {{ ref('persons') }}
    union all
    select 'students', id, user_id from {{ ref('students') }}
    union all
    select 'staff_members', id, user_id from {{ ref('staff_members') }}
    union all
    select 'course_instructors', id, instructor_id from {{ ref('course_instructors') }}
)

select referring.*
from referring
left join logins on referring.user_id = logins.id
where referring.user_id is not null and logins.id is null
