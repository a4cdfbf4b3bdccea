-- Screen: the sections that one teacher gives, the latest first. Parameter: user_id, that of the teacher's login.
select
    course_offerings.id,
    courses.code,
    courses.name,
    course_offerings.section_code,
    academic_terms.academic_year,
    academic_terms.term_type,
    course_instructors.role,
    course_offerings.current_enrollment,
    course_offerings.enrollment_status
from course_instructors
inner join course_offerings on course_instructors.course_offering_id = course_offerings.id
inner join courses on course_offerings.course_id = courses.id
inner join academic_terms on course_offerings.academic_term_id = academic_terms.id
where course_instructors.instructor_id = %(user_id)s
order by academic_terms.start_date desc, courses.code asc, course_offerings.section_code asc, course_offerings.id asc
