-- Makes: three views of the application; they depend on the columns, so a rebuilt table would break them.
create view public.student_transcripts with (security_invoker = true) as
select
    students.student_number,
    persons.first_name,
    persons.last_name,
    courses.code as course_code,
    courses.name as course_name,
    academic_terms.academic_year,
    academic_terms.term_type,
    course_enrollments.enrollment_status,
    course_enrollments.grade,
    course_enrollments.grade_points
from public.course_enrollments
inner join public.students on students.id = course_enrollments.student_id
inner join public.course_offerings on course_offerings.id = course_enrollments.course_offering_id
inner join public.courses on courses.id = course_offerings.course_id
inner join public.academic_terms on academic_terms.id = course_offerings.academic_term_id
left join public.persons on persons.user_id = students.user_id;

create view public.open_offerings with (security_invoker = true) as
select
    course_offerings.id,
    courses.code as course_code,
    course_offerings.section_code,
    course_offerings.language_of_instruction,
    course_offerings.max_enrollment - course_offerings.current_enrollment as free_places
from public.course_offerings
inner join public.courses on courses.id = course_offerings.course_id
where course_offerings.enrollment_status = 'open' and course_offerings.is_published;

create view public.course_rosters with (security_invoker = true) as
select
    course_enrollments.course_offering_id,
    course_offerings.section_code,
    students.student_number,
    course_enrollments.enrollment_status,
    course_enrollments.enrollment_date
from public.course_enrollments
inner join public.course_offerings on course_offerings.id = course_enrollments.course_offering_id
inner join public.students on students.id = course_enrollments.student_id
where course_enrollments.enrollment_status in ('enrolled', 'waitlisted');

grant select on public.student_transcripts, public.open_offerings, public.course_rosters to lms_app;
