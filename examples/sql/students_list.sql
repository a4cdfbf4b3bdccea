-- Screen: all students by name, one page of them. Parameters: limit, and last_name, first_name, id of the row before the page:
-- '', '' and the zero UUID for the first page; names are NULL after a student without a person, who come last.
-- Ordered by the first 100 characters of the names: an index takes no text of any length, and the application may write one. The
-- index persons (left(last_name, 100), left(first_name, 100)) gives the page's rows in their order, so that a page costs the same
-- wherever it stands; students (user_id) finds each. The fallback has both; `edu2lms prepare` sees to them in lms.
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
        (left(persons.last_name, 100), left(persons.first_name, 100)) >= (left(%(last_name)s, 100), left(%(first_name)s, 100))
        and (left(persons.last_name, 100), left(persons.first_name, 100), students.id)
        > (left(%(last_name)s, 100), left(%(first_name)s, 100), %(id)s)
    order by left(persons.last_name, 100), left(persons.first_name, 100), students.id
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
order by left(last_name, 100), left(first_name, 100), id
limit %(limit)s
