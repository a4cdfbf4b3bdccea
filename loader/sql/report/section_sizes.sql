-- How many class sections have how many students, in steps of ten. One student counts once in a section.
with pairs as (
    select distinct legacy_section_id, legacy_student_id
    from migration.int_course_enrollments_classified
    where live_id is not null
),

sizes as (
    select legacy_section_id, count(*) as student_count from pairs group by legacy_section_id
)

select
    (student_count - 1) / 10 * 10 + 1 as from_students,
    (student_count - 1) / 10 * 10 + 10 as to_students,
    count(*) as sections,
    max(student_count) as largest
from sizes
group by (student_count - 1) / 10
order by from_students
