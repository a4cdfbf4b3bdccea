"""Enough rows of every kind that a planner has a choice: tens of thousands where a university has as many."""

# not a file of its own: dbt takes every .sql below tests/ for a test
PEOPLE_AND_COURSES = """
set local session_replication_role = replica;

insert into users (id, username, email, password_hash, is_active, is_locked, last_login_at, deleted_at, metadata)
select
    md5('u' || n)::uuid, 'user' || n, 'user' || n || '@uni.example', 'x', n % 50 <> 0, n % 100 = 0,
    now() - n * interval '20 minutes', case when n % 40 = 0 then now() - n * interval '1 hour' end,
    jsonb_build_object('old_user_id', n)
from generate_series(1, 20000) as n;

insert into persons (user_id, first_name, last_name, date_of_birth, national_id)
select md5('u' || n)::uuid, 'F' || n % 300, chr(65 + n % 26) || n % 900, date '1985-01-01' + n % 9000, 'N' || n
from generate_series(1, 20000) as n;

insert into students (id, user_id, student_number, enrollment_date, status, metadata)
select
    md5('s' || n)::uuid, md5('u' || n)::uuid, 'S' || n, date '2010-01-01' + n % 5000,
    case n % 100 when 0 then 'suspended' when 1 then 'graduated' else 'active' end, jsonb_build_object('old_student_id', n)
from generate_series(1, 15000) as n;

insert into organization_units (id, parent_id, type, code, name)
select md5('o' || n)::uuid, md5('o' || n % 200)::uuid, 'department', 'C' || n, '{"az": "x"}'
from generate_series(1, 4000) as n;

insert into staff_members (user_id, employee_number, organization_unit_id, position_title, hire_date, contract_end_date)
select md5('u' || n)::uuid, 'E' || n, md5('o' || n % 500)::uuid, '{"az": "x"}', '2020-01-01', current_date + n
from generate_series(15001, 20000) as n;

insert into courses (id, code, name, credit_hours)
select md5('c' || n)::uuid, 'C' || n, jsonb_build_object('az', case n % 50 when 0 then 'Riyaziyyat ' else 'Dərs ' end || n), 3
from generate_series(1, 5000) as n;

insert into course_offerings (
    id, course_id, academic_term_id, section_code, max_enrollment, is_published, enrollment_status
)
select
    md5('f' || n)::uuid, md5('c' || n % 5000)::uuid, md5('t' || n % 40)::uuid, 'A' || n, 30, true,
    case n % 100 when 0 then 'cancelled' when 1 then 'open' else 'closed' end
from generate_series(1, 10000) as n;

insert into course_instructors (course_offering_id, instructor_id, role)
select md5('f' || n % 10000)::uuid, md5('u' || n % 3000)::uuid, case when n <= 10000 then 'primary' else 'assistant' end
from generate_series(1, 30000) as n;

insert into course_enrollments (course_offering_id, student_id, enrollment_status, enrollment_date, status_changed_date)
select
    md5('f' || n % 10000)::uuid, md5('s' || n % 14999)::uuid,
    case n % 100 when 0 then 'waitlisted' when 1 then 'withdrawn' else 'enrolled' end, current_date - n % 900,
    case n % 100 when 1 then current_date - n % 999 end
from generate_series(1, 60000) as n;

insert into assessments (id, course_offering_id, title, weight_percentage, due_date, rubric)
select
    md5('a' || n)::uuid, md5('f' || n % 10000)::uuid, '{"az": "x"}', 50, now() - n * interval '3 hours' + interval '30 days',
    jsonb_build_object('old_exam_id', n::text)
from generate_series(1, 15000) as n;

insert into assessment_submissions (assessment_id, student_id, submission_date, status)
select
    md5('a' || n % 15000)::uuid, md5('s' || n % 14999)::uuid, now() - n * interval '10 minutes',
    case n % 50 when 0 then 'submitted' else 'graded' end
from generate_series(1, 40000) as n;

insert into grades (student_id, course_offering_id, grade_value)
select md5('s' || n % 14999)::uuid, md5('f' || n % 10000)::uuid, 70
from generate_series(1, 30000) as n;
"""

# A month of a busy application: requests and page views above all, some logins and changes, a few errors.
EVENTS = """
insert into audit_logs (
    action_timestamp, user_id, action_type, entity_type, entity_id, request_path, response_status, ip_address, session_id,
    correlation_id, error_class, error_fingerprint, action_details, metadata
)
select
    now() - (100000 - n) * interval '25 seconds',
    'user-' || n % 2000,
    case when n % 500 = 0 then 'login_failed' when n % 20 = 0 then 'update' when n % 5 = 0 then 'page_view' else 'request' end,
    case when n % 20 = 0 then (array['grades', 'users', 'courses'])[1 + n % 3] end,
    case when n % 20 = 0 then 'entity-' || n % 1700 end,
    '/page/' || n % 200,
    200,
    ('10.' || n % 7 || '.' || n % 200 || '.' || n % 11)::inet,
    'session-' || n / 30,
    'correlation-' || n / 3,
    case when n % 300 = 0 then 'ValueError' end,
    case when n % 300 = 0 then 'f' || n % 9 end,
    case when n % 1000 = 0 then jsonb_build_object('export', 'table ' || n) else '{}' end,
    case when n % 1000 = 1 then jsonb_build_object('database_user', 'role ' || n) else '{}' end
from generate_series(1, 100000) as n;

insert into page_views (view_timestamp, user_id, session_id, page_path, time_on_page_seconds)
select now() - (50000 - n) * interval '50 seconds', 'user-' || n % 2000, 'session-' || n / 10, '/page/' || n % 300, n % 90
from generate_series(1, 50000) as n;

insert into user_sessions (
    session_id, user_id, login_timestamp, last_activity_timestamp, logout_timestamp, session_duration_seconds
)
select
    'session-' || n, 'user-' || n % 2000, now() - (20000 - n) * interval '2 minutes', now() - (20000 - n) * interval '2 minutes',
    case when n % 100 > 0 then now() - (20000 - n) * interval '1 minute' end, 60
from generate_series(1, 20000) as n;
"""
