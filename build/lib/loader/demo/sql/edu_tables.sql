-- Makes: the 16 tables of edu as the legacy system has them: no foreign keys, no defaults, nothing but the id required.
-- Primary keys follow after the fill.
create table public.accounts (
    id bigint not null,
    person_id bigint,
    username text,
    password text,
    lang_id bigint,
    default_user_id bigint,
    in_system smallint,
    email text,
    other_username text,
    auth_type smallint,
    fail_login_count smallint,
    other_password text,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.users (
    id bigint not null,
    account_id bigint,
    organization_id bigint,
    is_blocked smallint,
    user_type text,
    group_id bigint,
    last_action_date timestamptz,
    level_id bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.persons (
    id bigint not null,
    firstname text,
    lastname text,
    patronymic text,
    gender_id bigint,
    pincode text,
    birthdate text,
    citizenship_id bigint,
    nationality_id bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.students (
    id bigint not null,
    person_id bigint,
    user_id bigint,
    org_id bigint,
    education_line_id bigint,
    education_type_id bigint,
    education_payment_type_id bigint,
    education_lang_id bigint,
    score text,
    card_number text,
    status bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.teachers (
    id bigint not null,
    person_id bigint,
    user_id bigint,
    in_action_date text,
    out_action_date text,
    organization_id bigint,
    staff_type_id bigint,
    position_id bigint,
    contract_type_id bigint,
    teaching smallint,
    card_number text,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.organizations (
    id bigint not null,
    type_id bigint,
    formula text,
    parent_id bigint,
    dictionary_name_id bigint,
    nod_level integer,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.dictionaries (
    id bigint not null,
    type_id bigint,
    code text,
    parent_id bigint,
    name_az text,
    name_en text,
    name_ru text,
    short_name_az text,
    short_name_en text,
    short_name_ru text,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.edu_years (
    id bigint not null,
    name text,
    start_date text,
    end_date text,
    order_by integer,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.education_plan_subject (
    id bigint not null,
    subject_id bigint,
    subject_group_id bigint,
    code text,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.subject_catalog (
    id bigint not null,
    subject_name_id bigint,
    organization_id bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.course (
    id bigint not null,
    code text,
    education_plan_subject_id bigint,
    semester_id bigint,
    education_year_id bigint,
    education_lang_id bigint,
    education_type_id bigint,
    m_hours integer,
    s_hours integer,
    l_hours integer,
    fm_hours integer,
    student_count smallint,
    start_date text,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.course_teacher (
    id bigint not null,
    course_id bigint,
    teacher_id bigint,
    lesson_type_id bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.course_student (
    id bigint not null,
    course_id bigint,
    student_id bigint,
    course_work smallint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.journal (
    id bigint not null,
    course_id bigint,
    student_id bigint,
    course_eva_id bigint,
    point text,
    point_id bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.exam (
    id bigint not null,
    course_id bigint,
    start_date text,
    start_time text,
    end_time text,
    duration integer,
    passing_grade integer,
    type_id bigint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);

create table public.exam_student (
    id bigint not null,
    exam_id bigint,
    student_id bigint,
    finish_status smallint,
    active smallint,
    create_date timestamptz,
    create_user_id bigint,
    update_date timestamptz,
    update_user_id bigint
);
