-- How many journal rows one student has in one class section. Mostly 2 to 5 would mean that journal holds evaluation components.
with pairs as (
    select legacy_section_id, legacy_student_id, count(*) as row_count
    from migration.int_course_enrollments_classified
    where live_id is not null
    group by legacy_section_id, legacy_student_id
)

select least(row_count, 10) as rows_each, count(*) as pairs
from pairs
group by least(row_count, 10)
order by rows_each
