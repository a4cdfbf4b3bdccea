-- Grain: one row per legacy value that did not move as it stands
with accepted_students as (
    select legacy_id, user_id, created_at from {{ ref('int_students_classified') }} where live_id is not null
),

accepted_staff as (
    select legacy_id, user_id from {{ ref('int_staff_members_classified') }} where live_id is not null
),

accepted_persons as (
    select legacy_id from {{ ref('int_persons_classified') }} where live_id is not null
),

accepted_offerings as (
    select * from {{ ref('int_course_offerings_classified') }} where live_id is not null
),

accounts as (
    select distinct on (legacy_account_id) * from {{ ref('stg_edu__accounts') }}
    order by legacy_account_id asc, updated_at desc nulls last
),

final as (
    select
        'persons' as entity, persons.legacy_person_id as legacy_id, 'birthdate' as column_name,
        'unparsable_date' as warning, persons.raw_birth_date as raw_value
    from {{ ref('stg_edu__persons') }} as persons
    inner join accepted_persons on persons.legacy_person_id = accepted_persons.legacy_id
    where btrim(persons.raw_birth_date) <> '' and persons.date_of_birth is null
    union all
    select
        'persons', persons.legacy_person_id, 'firstname, lastname', 'missing_name',
        concat_ws(' ', persons.first_name, persons.last_name)
    from {{ ref('stg_edu__persons') }} as persons
    inner join accepted_persons on persons.legacy_person_id = accepted_persons.legacy_id
    where persons.first_name is null or persons.last_name is null
    union all
    select 'students', legacy_id, 'user_id', 'no_login', null from accepted_students where user_id is null
    union all
    select 'students', legacy_id, 'create_date', 'missing_date', null from accepted_students where created_at is null
    union all
    select 'students', students.legacy_student_id, 'card_number', 'too_long', students.raw_card_number
    from {{ ref('stg_edu__students') }} as students
    inner join accepted_students on students.legacy_student_id = accepted_students.legacy_id
    where students.card_number is null and {{ clean_text('students.raw_card_number') }} is not null
    union all
    select 'staff_members', legacy_id, 'user_id', 'no_login', null from accepted_staff where user_id is null
    union all
    select 'staff_members', teachers.legacy_teacher_id, 'in_action_date', 'unparsable_date', teachers.raw_in_action_date
    from {{ ref('stg_edu__teachers') }} as teachers
    inner join accepted_staff on teachers.legacy_teacher_id = accepted_staff.legacy_id
    where btrim(teachers.raw_in_action_date) <> '' and teachers.in_action_date is null
    union all
    select 'staff_members', teachers.legacy_teacher_id, 'out_action_date', 'unparsable_date', teachers.raw_out_action_date
    from {{ ref('stg_edu__teachers') }} as teachers
    inner join accepted_staff on teachers.legacy_teacher_id = accepted_staff.legacy_id
    where btrim(teachers.raw_out_action_date) <> '' and teachers.out_action_date is null
    union all
    select login_entity, login_legacy_id, 'email', 'email_' || email_problem, legacy_email
    from {{ ref('int_logins_named') }}
    where email_problem is not null
    union all
    select login_entity, login_legacy_id, 'username', 'username_changed', wanted_username
    from {{ ref('int_logins_named') }}
    where username <> wanted_username
    union all
    select named.login_entity, named.login_legacy_id, 'username', 'too_long', accounts.raw_username
    from {{ ref('int_logins_named') }} as named
    inner join accounts on named.legacy_account_id = accounts.legacy_account_id
    where accounts.username is null and {{ clean_text('accounts.raw_username') }} is not null
    union all
    select named.login_entity, named.login_legacy_id, 'email', 'too_long', accounts.raw_email
    from {{ ref('int_logins_named') }} as named
    inner join accounts on named.legacy_account_id = accounts.legacy_account_id
    where accounts.email is null and {{ clean_text('accounts.raw_email') }} is not null
    union all
    select
        'course_offerings', accepted_offerings.legacy_id, 'semester_id, education_year_id', 'term_contradicts_code',
        terms.code_says
    from accepted_offerings
    inner join {{ ref('int_terms_mapped') }} as terms on accepted_offerings.legacy_id = terms.legacy_section_id
    where terms.is_contradicted
    union all
    select 'course_offerings', legacy_id, 'semester_id, education_year_id', 'term_from_code', legacy_section_code
    from accepted_offerings
    where term_source = 'code'
    union all
    select 'course_offerings', legacy_id, 'code', 'section_code_changed', legacy_section_code
    from accepted_offerings
    where outcome = 'inserted' and section_code is distinct from legacy_section_code
    union all
    select 'course_offerings', mart.old_course_id, 'max_enrollment', 'capacity_raised', live.max_enrollment::text
    from {{ ref('course_offerings') }} as mart
    inner join {{ ref('stg_lms__course_offerings') }} as live on mart.id = live.course_offering_id
    where mart.max_enrollment > live.max_enrollment
    union all
    select 'course_enrollments', legacy_id, 'point', 'unreadable_mark', raw_mark
    from {{ ref('int_course_enrollments_classified') }}
    where live_id is not null and btrim(raw_mark) <> '' and grade is null
    union all
    select 'assessments', exams.legacy_exam_id, 'start_date', 'unparsable_date', exams.raw_start_date
    from {{ ref('stg_edu__exams') }} as exams
    inner join {{ ref('int_assessments_classified') }} as classified
        on exams.legacy_exam_id = classified.legacy_id and classified.live_id is not null
    where btrim(exams.raw_start_date) <> '' and exams.start_date is null
)

select * from final
