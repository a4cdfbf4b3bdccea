{#-
    The entities in the order in which they are published (parents first):
        source      legacy table; classified, mart: the models
        columns     what the migration writes into a new row
        kept        of these, what a later run never changes: identities, and what the application lives on with
        own         live columns that only the application fills; with `columns` they tell whether it has touched a row
        withdrawal  what is set when the legacy row of a row that the migration made has gone; without it the row stays as it is
        tracking    live column that holds the legacy id
        position    place in the status table
-#}
{% macro entities() %}
    {{ return([
        {
            'entity': 'users', 'position': 6, 'source': 'users', 'classified': 'int_users_classified', 'mart': 'users',
            'columns': ['id', 'username', 'email', 'email_verified', 'password_hash', 'is_active', 'is_locked', 'metadata'],
            'kept': ['id', 'email_verified', 'password_hash', 'metadata'],
            'own': ['last_login_at', 'password_changed_at', 'deleted_at'],
            'withdrawal': {'is_active': 'false'},
        },
        {
            'entity': 'persons', 'position': 7, 'source': 'persons', 'classified': 'int_persons_classified', 'mart': 'persons',
            'columns': ['id', 'user_id', 'first_name', 'last_name', 'middle_name', 'date_of_birth', 'gender', 'national_id'],
            'kept': ['id', 'user_id'], 'own': [],
        },
        {
            'entity': 'students', 'position': 1, 'source': 'students', 'classified': 'int_students_classified', 'mart': 'students',
            'columns': [
                'id', 'user_id', 'student_number', 'enrollment_date', 'status', 'study_mode', 'funding_type', 'metadata',
            ],
            'kept': ['id', 'user_id', 'metadata'], 'own': ['gpa', 'total_credits_earned'],
            'withdrawal': {'status': "'withdrawn'"},
        },
        {
            'entity': 'staff_members', 'position': 2, 'source': 'teachers', 'classified': 'int_staff_members_classified',
            'mart': 'staff_members',
            'columns': [
                'id', 'user_id', 'employee_number', 'position_title', 'employment_type', 'hire_date', 'contract_end_date',
                'is_active',
            ],
            'kept': ['id', 'user_id', 'employee_number'], 'own': ['organization_unit_id'],
            'withdrawal': {'is_active': 'false'},
        },
        {
            'entity': 'academic_terms', 'position': 8, 'source': None, 'classified': 'int_academic_terms_classified',
            'mart': 'mart_academic_terms',
            'columns': ['id', 'academic_year', 'term_type', 'term_number', 'start_date', 'end_date', 'is_current'],
            'kept': ['id', 'academic_year', 'term_type', 'is_current'], 'own': [],
        },
        {
            'entity': 'courses', 'position': 9, 'source': 'subject_catalog', 'classified': 'int_courses_classified',
            'mart': 'courses',
            'columns': ['id', 'code', 'name', 'credit_hours', 'course_level', 'is_active'],
            'kept': ['id', 'code'], 'own': [],
        },
        {
            'entity': 'course_offerings', 'position': 3, 'source': 'course', 'classified': 'int_course_offerings_classified',
            'mart': 'course_offerings', 'tracking': 'old_course_id',
            'columns': [
                'id', 'course_id', 'academic_term_id', 'section_code', 'language_of_instruction', 'max_enrollment',
                'current_enrollment', 'waitlist_capacity', 'delivery_mode', 'is_published', 'enrollment_status', 'old_course_id',
            ],
            'kept': [
                'id', 'max_enrollment', 'current_enrollment', 'waitlist_capacity', 'delivery_mode', 'is_published',
                'enrollment_status', 'old_course_id',
            ],
            'own': [],
            'withdrawal': {'enrollment_status': "'cancelled'"},
        },
        {
            'entity': 'course_instructors', 'position': 10, 'source': 'course_teacher',
            'classified': 'int_course_instructors_classified', 'mart': 'course_instructors',
            'columns': ['id', 'course_offering_id', 'instructor_id', 'role', 'assigned_date'],
            'kept': ['id', 'role'], 'own': [],
        },
        {
            'entity': 'course_enrollments', 'position': 4, 'source': 'journal',
            'classified': 'int_course_enrollments_classified', 'mart': 'course_enrollments', 'tracking': 'old_journal_id',
            'columns': [
                'id', 'course_offering_id', 'student_id', 'enrollment_date', 'enrollment_status', 'grade', 'is_retake',
                'old_journal_id',
            ],
            'kept': ['id', 'enrollment_status', 'old_journal_id'],
            'own': ['status_changed_date', 'grade_points', 'attendance_percentage', 'notes'],
            'withdrawal': {
                'enrollment_status': "'withdrawn'",
                'status_changed_date': "(current_timestamp at time zone '" ~ var('time_zone') ~ "')::date",
            },
        },
        {
            'entity': 'assessments', 'position': 11, 'source': 'exam', 'classified': 'int_assessments_classified',
            'mart': 'assessments',
            'columns': [
                'id', 'course_offering_id', 'title', 'assessment_type', 'weight_percentage', 'total_marks', 'passing_marks',
                'due_date', 'duration_minutes', 'rubric',
            ],
            'kept': ['id', 'rubric'], 'own': [],
        },
        {
            'entity': 'assessment_submissions', 'position': 5, 'source': 'exam_student',
            'classified': 'int_assessment_submissions_classified', 'mart': 'assessment_submissions',
            'columns': ['id', 'assessment_id', 'student_id', 'attempt_number', 'submission_date', 'status'],
            'kept': ['id'], 'own': [],
        },
    ]) }}
{% endmacro %}

{#- Columns of a row that a later run brings up to date. -#}
{% macro followed_columns(entity) %}
    {{ return(entity.columns | reject('in', entity.kept) | list) }}
{% endmacro %}

{#- Columns of a live row that tell whether the application has touched it since it was written. -#}
{% macro content_columns(entity) %}
    {%- set counted = ['max_enrollment', 'current_enrollment'] -%}
    {{ return(entity.columns | reject('in', counted) | list + entity.own) }}
{% endmacro %}

{#- Some columns of a row as one jsonb object. -#}
{% macro columns_as_json(columns, alias) -%}
    jsonb_build_object({% for column in columns %}'{{ column }}', {{ alias }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- Entities of the crosswalk whose live rows are rows of this one: a login may be borne by something else than a users row. -#}
{% macro crosswalk_entities(entity) %}
    {{ return(['users', 'accounts', 'student_logins', 'staff_logins'] if entity.entity == 'users' else [entity.entity]) }}
{% endmacro %}
