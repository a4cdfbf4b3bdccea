-- Grain: one row per student in scope: its live user (rules, section 11): a login of its own, else through user_id, else through
-- person and account.
select
    students.id as legacy_id,
    coalesce(
        own.live_id,
        by_user.live_id,
        case when cardinality(person_logins.live_user_ids) = 1 then person_logins.live_user_ids[1] end
    )
        as live_user_id,
    person_logins.live_user_ids as candidates
from student_scope as students
left join walk as own on own.entity = 'student_logins' and students.id = own.legacy_id
left join walk as by_user on by_user.entity = 'users' and students.user_id = by_user.legacy_id
left join person_logins on students.person_id = person_logins.person_id
