-- Screen: all students by name, one page of them. Parameters: limit, and last_name, first_name, id of the row before the page:
-- '', '' and the zero UUID for the first page; names are NULL after a student without a person, who come last.
-- The index persons (last_name, first_name) gives the page's rows in their order, so that a page costs the same wherever it
-- stands; students (user_id) finds each. The fallback has both. An lms without the first one sorts what follows the page's start.
with named as (
    select
        students.id,
        students.student_number,
        persons.last_name,
        persons.first_name,
        persons.middle_name,
        students.status,
        students.study_mode,
        students.funding_type,
        students.enrollment_date
    from persons
    inner join students on persons.user_id = students.user_id
    where
        -- what the index understands, then what is exact
        (persons.last_name, persons.first_name) >= (%(last_name)s, %(first_name)s)
        and (persons.last_name, persons.first_name, students.id) > (%(last_name)s, %(first_name)s, %(id)s)
    order by persons.last_name, persons.first_name, students.id
    limit %(limit)s
),

nameless as (
    select
        students.id,
        students.student_number,
        persons.last_name,
        persons.first_name,
        persons.middle_name,
        students.status,
        students.study_mode,
        students.funding_type,
        students.enrollment_date
    from students
    left join persons on students.user_id = persons.user_id
    where
        -- a full page needs none of them, and does not look
        (select count(*) from named) < %(limit)s
        and (%(last_name)s::text is not null or students.id > %(id)s)
        and persons.id is null
    order by students.id
    limit %(limit)s
)

select *
from (
    select * from named
    union all
    select * from nameless
) as students
order by last_name, first_name, id
limit %(limit)s
