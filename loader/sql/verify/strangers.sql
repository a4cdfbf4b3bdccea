-- Grain: one row per entry of the crosswalk that names an entity nobody knows.
select
    entity,
    legacy_id,
    live_id,
    method
from ledger.crosswalk
where entity <> all(array[
        'users', 'persons', 'students', 'staff_members', 'academic_terms', 'courses', 'course_offerings', 'course_instructors',
        'course_enrollments', 'assessments', 'assessment_submissions', 'accounts', 'student_logins', 'staff_logins'
    ])
