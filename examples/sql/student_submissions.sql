-- Screen: the examinations that one student has sat, the latest first. Parameter: student_id.
select
    assessment_submissions.id,
    assessment_submissions.assessment_id,
    assessments.title,
    assessments.due_date,
    courses.code,
    course_offerings.section_code,
    assessment_submissions.attempt_number,
    assessment_submissions.submission_date,
    assessment_submissions.status
from assessment_submissions
inner join assessments on assessment_submissions.assessment_id = assessments.id
inner join course_offerings on assessments.course_offering_id = course_offerings.id
inner join courses on course_offerings.course_id = courses.id
where assessment_submissions.student_id = %(student_id)s
order by assessments.due_date desc nulls last, assessment_submissions.attempt_number asc, assessment_submissions.id asc
