-- Grain: one row per person in scope (rules, sections 2 and 9): active, or a student or teacher that migrates. A person with
-- several logins may stand at any of them.
with holders as (
    select students.person_id
    from student_scope as students
    left join rejected on rejected.entity = 'students' and students.id = rejected.legacy_id
    left join walk on walk.entity = 'students' and students.id = walk.legacy_id
    where rejected.legacy_id is null or walk.legacy_id is not null
    union
    select teachers.person_id
    from teacher_scope as teachers
    left join rejected on rejected.entity = 'staff_members' and teachers.id = rejected.legacy_id
    left join walk on walk.entity = 'staff_members' and teachers.id = walk.legacy_id
    where rejected.legacy_id is null or walk.legacy_id is not null
)

select
    persons.id as legacy_id,
    case
        when live.user_id = any(person_logins.live_user_ids) then live.user_id
        else person_logins.live_user_ids[1]
    end as user_id,
    case when walk.is_made then coalesce(nullif(btrim(persons.firstname, e' \t\r\n\u00a0'), ''), defaults.person_first_name) end
        as first_name,
    case when walk.is_made then coalesce(nullif(btrim(persons.lastname, e' \t\r\n\u00a0'), ''), defaults.person_last_name) end
        as last_name,
    case when walk.is_made then nullif(btrim(persons.patronymic, e' \t\r\n\u00a0'), '') end as middle_name,
    case when walk.is_made then pg_temp.day_of(persons.birthdate) end as date_of_birth,
    case when walk.is_made then genders.gender end as gender,
    case when walk.is_made then nullif(btrim(persons.pincode, e' \t\r\n\u00a0'), '') end as national_id
from raw_persons as persons
cross join defaults
left join walk on walk.entity = 'persons' and persons.id = walk.legacy_id
left join public.persons as live on walk.live_id = live.id
left join person_logins on persons.id = person_logins.person_id
left join seed_gender_mapping as genders on persons.gender_id = genders.legacy_gender_id::bigint
where persons.active = 1 or persons.id in (select person_id from holders)
