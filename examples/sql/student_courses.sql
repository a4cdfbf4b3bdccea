-- Screen: the courses of one student, the latest first. Parameter: student_id.
select
    course_enrollments.id,
    course_enrollments.course_offering_id,
    courses.code,
    courses.name,
    course_offerings.section_code,
    academic_terms.academic_year,
    academic_terms.term_type,
    course_enrollments.enrollment_status,
    course_enrollments.grade,
    course_enrollments.is_retake
from course_enrollments
inner join course_offerings on course_enrollments.course_offering_id = course_offerings.id
inner join courses on course_offerings.course_id = courses.id
inner join academic_terms on course_offerings.academic_term_id = academic_terms.id
where course_enrollments.student_id = %(student_id)s
order by academic_terms.start_date desc, courses.code asc, course_offerings.section_code asc, course_enrollments.id asc
