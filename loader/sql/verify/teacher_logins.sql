-- Grain: one row per teacher in scope: the live user: of a member of staff who was there before the one it names, else found as
-- for students.
select
    teachers.id as legacy_id,
    coalesce(
        own.live_id,
        seats.user_id,
        by_user.live_id,
        case when cardinality(person_logins.live_user_ids) = 1 then person_logins.live_user_ids[1] end
    ) as live_user_id,
    person_logins.live_user_ids as candidates
from teacher_scope as teachers
left join walk as own on own.entity = 'staff_logins' and teachers.id = own.legacy_id
left join walk as members on members.entity = 'staff_members' and not members.is_made and teachers.id = members.legacy_id
left join public.staff_members as seats on members.live_id = seats.id
left join walk as by_user on by_user.entity = 'users' and teachers.user_id = by_user.legacy_id
left join person_logins on teachers.person_id = person_logins.person_id
