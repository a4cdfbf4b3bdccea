-- Grain: one row per course_teacher row in scope (rules, section 8). Several rows of one teacher are one instructor.
with teaching as (
    select
        course_teacher.id as legacy_id,
        course_teacher.course_id,
        course_teacher.create_date,
        sections.live_id as course_offering_id,
        coalesce(lesson_types.is_lecture = 'true', false) as is_lecture,
        coalesce(logins.live_user_id, case when live.instructor_id = any(logins.candidates) then live.instructor_id end)
            as instructor_id,
        walk.is_made,
        walk.live_id,
        walk.batch_place,
        live.role,
        coalesce(course_teacher.update_date, course_teacher.create_date) > walk.published_at as is_later
    from raw_course_teacher as course_teacher
    left join sections on course_teacher.course_id = sections.id
    left join teacher_logins as logins on course_teacher.teacher_id = logins.legacy_id
    left join walk on walk.entity = 'course_instructors' and course_teacher.id = walk.legacy_id
    left join public.course_instructors as live on walk.live_id = live.id
    left join
        seed_lesson_type_mapping as lesson_types
        on course_teacher.lesson_type_id = lesson_types.legacy_lesson_type_id::bigint
    where course_teacher.active = 1 and (sections.id is null or sections.is_in_scope)
),

-- the lecture with the lowest row id decides who is primary …
lecturers as (
    select distinct on (course_offering_id)
        course_offering_id,
        instructor_id
    from teaching
    where is_lecture and instructor_id is not null
    order by course_offering_id, legacy_id
),

-- … unless the application had named somebody
named as (
    select distinct course_offering_id
    from public.course_instructors
    where role = 'primary' and id not in (select live_id from walk where entity = 'course_instructors' and is_made)
),

-- The role is written once. Where rows came later, it is enough that one instructor is primary.
later as (
    select course_offering_id
    from teaching
    group by course_offering_id
    having (bool_or(is_later) or count(distinct batch_place) > 1)
        and count(distinct live_id) filter (where role = 'primary') = 1
)

select
    teaching.legacy_id,
    teaching.course_offering_id,
    teaching.instructor_id,
    case
        when teaching.is_made
            then case
                    when later.course_offering_id is not null and teaching.role in ('primary', 'secondary') then teaching.role
                    when teaching.instructor_id = lecturers.instructor_id and named.course_offering_id is null then 'primary'
                    else 'secondary'
                end
    end as role,
    case when teaching.is_made then (teaching.create_date at time zone settings.time_zone)::date end as assigned_date
from teaching
cross join settings
left join lecturers on teaching.course_offering_id = lecturers.course_offering_id
left join named on teaching.course_offering_id = named.course_offering_id
left join later on teaching.course_offering_id = later.course_offering_id
