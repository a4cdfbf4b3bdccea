{#-
    The entities in the order in which they are published (parents first), with their legacy table, their classified model and the
    columns that the migration writes. `position` is the place in the status table.
-#}
{% macro entities() %}
    {{ return([
        {
            'entity': 'users', 'position': 6, 'source': 'users', 'classified': 'int_users_classified', 'mart': 'users',
            'columns': ['id', 'username', 'email', 'email_verified', 'password_hash', 'is_active', 'is_locked', 'metadata'],
        },
        {
            'entity': 'persons', 'position': 7, 'source': 'persons', 'classified': 'int_persons_classified', 'mart': 'persons',
            'columns': ['id', 'user_id', 'first_name', 'last_name', 'middle_name', 'date_of_birth', 'gender', 'national_id'],
        },
        {
            'entity': 'students', 'position': 1, 'source': 'students', 'classified': 'int_students_classified', 'mart': 'students',
            'columns': [
                'id', 'user_id', 'student_number', 'enrollment_date', 'status', 'study_mode', 'funding_type', 'metadata',
            ],
        },
        {
            'entity': 'staff_members', 'position': 2, 'source': 'teachers', 'classified': 'int_staff_members_classified',
            'mart': 'staff_members',
            'columns': [
                'id', 'user_id', 'employee_number', 'position_title', 'employment_type', 'hire_date', 'contract_end_date',
                'is_active',
            ],
        },
        {
            'entity': 'academic_terms', 'position': 8, 'source': None, 'classified': 'int_academic_terms_classified',
            'mart': 'mart_academic_terms',
            'columns': ['id', 'academic_year', 'term_type', 'term_number', 'start_date', 'end_date', 'is_current'],
        },
        {
            'entity': 'courses', 'position': 9, 'source': 'subject_catalog', 'classified': 'int_courses_classified',
            'mart': 'courses',
            'columns': ['id', 'code', 'name', 'credit_hours', 'course_level', 'is_active'],
        },
        {
            'entity': 'course_offerings', 'position': 3, 'source': 'course', 'classified': 'int_course_offerings_classified',
            'mart': 'course_offerings', 'tracking': 'old_course_id',
            'columns': [
                'id', 'course_id', 'academic_term_id', 'section_code', 'language_of_instruction', 'max_enrollment',
                'current_enrollment', 'waitlist_capacity', 'delivery_mode', 'is_published', 'enrollment_status', 'old_course_id',
            ],
        },
        {
            'entity': 'course_instructors', 'position': 10, 'source': 'course_teacher',
            'classified': 'int_course_instructors_classified', 'mart': 'course_instructors',
            'columns': ['id', 'course_offering_id', 'instructor_id', 'role', 'assigned_date'],
        },
        {
            'entity': 'course_enrollments', 'position': 4, 'source': 'journal',
            'classified': 'int_course_enrollments_classified', 'mart': 'course_enrollments', 'tracking': 'old_journal_id',
            'columns': [
                'id', 'course_offering_id', 'student_id', 'enrollment_date', 'enrollment_status', 'grade', 'is_retake',
                'old_journal_id',
            ],
        },
        {
            'entity': 'assessments', 'position': 11, 'source': 'exam', 'classified': 'int_assessments_classified',
            'mart': 'assessments',
            'columns': [
                'id', 'course_offering_id', 'title', 'assessment_type', 'weight_percentage', 'total_marks', 'passing_marks',
                'due_date', 'duration_minutes', 'rubric',
            ],
        },
        {
            'entity': 'assessment_submissions', 'position': 5, 'source': 'exam_student',
            'classified': 'int_assessment_submissions_classified', 'mart': 'assessment_submissions',
            'columns': ['id', 'assessment_id', 'student_id', 'attempt_number', 'submission_date', 'status'],
        },
    ]) }}
{% endmacro %}
