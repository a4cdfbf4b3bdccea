-- Makes: the tables of lms as the application created them. Foreign keys, triggers and indexes follow after the fill.
create table public.users (
    id uuid not null default gen_random_uuid() primary key,
    username text not null unique,
    email text not null unique,
    email_verified boolean not null default false,
    password_hash text not null,
    is_active boolean not null default true,
    is_locked boolean not null default false,
    last_login_at timestamptz,
    password_changed_at timestamptz,
    deleted_at timestamptz,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp,
    constraint users_username_check check (length(username) >= 3),
    constraint users_email_check check (email ~* '^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$')
);

create table public.persons (
    id uuid not null default gen_random_uuid() primary key,
    user_id uuid unique,
    first_name text not null,
    last_name text not null,
    middle_name text,
    date_of_birth date,
    gender text constraint persons_gender_check check (gender in ('male', 'female', 'other', 'prefer_not_to_say')),
    national_id text,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

create table public.students (
    id uuid not null default gen_random_uuid() primary key,
    user_id uuid unique,
    student_number text not null unique,
    enrollment_date date not null,
    status text not null default 'active' constraint students_status_check check (
        status in ('active', 'inactive', 'suspended', 'graduated', 'withdrawn', 'expelled')
    ),
    study_mode text constraint students_study_mode_check check (
        study_mode in ('full_time', 'part_time', 'distance', 'hybrid')
    ),
    funding_type text constraint students_funding_type_check check (
        funding_type in ('state_funded', 'self_funded', 'scholarship', 'sponsored')
    ),
    gpa numeric(3, 2),
    total_credits_earned integer default 0,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

create table public.organization_units (
    id uuid not null default gen_random_uuid() primary key,
    parent_id uuid,
    type text not null constraint organization_units_type_check check (
        type in ('university', 'school', 'faculty', 'department', 'program', 'center')
    ),
    code text not null unique,
    name jsonb not null,
    is_active boolean default true,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

create table public.staff_members (
    id uuid not null default gen_random_uuid() primary key,
    user_id uuid unique,
    employee_number text not null unique,
    organization_unit_id uuid,
    position_title jsonb not null constraint staff_members_position_title_check check (position_title ? 'az'),
    employment_type text constraint staff_members_employment_type_check check (
        employment_type in ('full_time', 'part_time', 'contract', 'visiting')
    ),
    hire_date date not null,
    contract_end_date date,
    is_active boolean default true,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

create table public.academic_terms (
    id uuid not null default gen_random_uuid() primary key,
    academic_year text not null constraint academic_terms_academic_year_check check (academic_year ~ '^[0-9]{4}-[0-9]{4}$'),
    term_type text not null constraint academic_terms_term_type_check check (
        term_type in ('fall', 'spring', 'summer', 'winter')
    ),
    term_number integer not null,
    start_date date not null,
    end_date date not null,
    is_current boolean default false,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp,
    unique (academic_year, term_type),
    constraint academic_terms_dates_check check (start_date < end_date)
);

create table public.courses (
    id uuid not null default gen_random_uuid() primary key,
    code text not null unique,
    name jsonb not null,
    credit_hours integer not null,
    course_level text constraint courses_course_level_check check (
        course_level in ('undergraduate', 'graduate', 'doctoral')
    ),
    is_active boolean default true,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

create table public.course_offerings (
    id uuid not null default gen_random_uuid() primary key,
    course_id uuid not null,
    academic_term_id uuid not null,
    section_code text not null,
    language_of_instruction text not null default 'az' constraint course_offerings_language_of_instruction_check check (
        language_of_instruction in ('az', 'en', 'ru')
    ),
    max_enrollment integer not null,
    current_enrollment integer default 0,
    waitlist_capacity integer default 0,
    delivery_mode text default 'in_person' constraint course_offerings_delivery_mode_check check (
        delivery_mode in ('in_person', 'online', 'hybrid', 'recorded')
    ),
    is_published boolean default false,
    enrollment_status text default 'open' constraint course_offerings_enrollment_status_check check (
        enrollment_status in ('open', 'closed', 'waitlist', 'cancelled')
    ),
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp,
    unique (course_id, academic_term_id, section_code),
    constraint course_offerings_current_enrollment_check check (current_enrollment <= max_enrollment)
);

create table public.course_instructors (
    id uuid not null default gen_random_uuid() primary key,
    course_offering_id uuid not null,
    instructor_id uuid not null,
    role text default 'primary' constraint course_instructors_role_check check (
        role in ('primary', 'secondary', 'assistant', 'lab_instructor')
    ),
    assigned_date date default current_date,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp,
    unique (course_offering_id, instructor_id)
);

create table public.course_enrollments (
    id uuid not null default gen_random_uuid() primary key,
    course_offering_id uuid not null,
    student_id uuid not null,
    enrollment_date date default current_date,
    enrollment_status text not null default 'enrolled' constraint course_enrollments_enrollment_status_check check (
        enrollment_status in ('enrolled', 'waitlisted', 'dropped', 'withdrawn', 'completed')
    ),
    status_changed_date date,
    grade text,
    grade_points numeric(3, 2) constraint course_enrollments_grade_points_check check (grade_points between 0 and 4),
    attendance_percentage numeric(5, 2),
    is_retake boolean default false,
    notes text,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

create table public.assessments (
    id uuid not null default gen_random_uuid() primary key,
    course_offering_id uuid not null,
    title jsonb not null constraint assessments_title_check check (title ? 'az'),
    assessment_type text constraint assessments_assessment_type_check check (
        assessment_type in ('exam', 'quiz', 'assignment', 'project', 'presentation', 'participation', 'lab', 'other')
    ),
    weight_percentage numeric(5, 2) not null,
    total_marks numeric(6, 2),
    passing_marks numeric(6, 2),
    due_date timestamptz,
    duration_minutes integer,
    rubric jsonb default '{}'::jsonb,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp,
    constraint assessments_passing_marks_check check (passing_marks <= total_marks)
);

create table public.assessment_submissions (
    id uuid not null default gen_random_uuid() primary key,
    assessment_id uuid not null,
    student_id uuid not null,
    attempt_number integer not null default 1,
    submission_date timestamptz,
    status text default 'draft' constraint assessment_submissions_status_check check (
        status in ('draft', 'submitted', 'in_review', 'graded', 'returned')
    ),
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp,
    unique (assessment_id, student_id, attempt_number)
);

create table public.grades (
    id uuid not null default gen_random_uuid() primary key,
    student_id uuid not null,
    course_offering_id uuid not null,
    grade_value numeric(5, 2),
    letter_grade text,
    is_final boolean default false,
    created_at timestamptz default current_timestamp,
    updated_at timestamptz default current_timestamp
);

-- the older form of the log: the migration adds what is missing and must not break those who write this form
create table public.audit_logs (
    id uuid not null default gen_random_uuid() primary key,
    user_id uuid,
    action text not null,
    resource_type text not null,
    resource_id text,
    old_values jsonb,
    new_values jsonb,
    ip_address inet,
    user_agent text,
    session_id text,
    created_at timestamptz not null default current_timestamp
);
