-- Makes: the application's role, its grants, and row-level security keyed on app.current_user_id.
-- A role without that setting and without BYPASSRLS sees no row of students, grades and course_enrollments.
do $$
begin
    if not exists (select from pg_roles where rolname = 'lms_app') then
        create role lms_app login;
    end if;
end
$$;

grant usage on schema public to lms_app;
grant select, insert, update, delete on all tables in schema public to lms_app;

alter table public.students enable row level security;
alter table public.grades enable row level security;
alter table public.course_enrollments enable row level security;

create policy students_own on public.students to lms_app
using (user_id = nullif(current_setting('app.current_user_id', true), '')::uuid);

create policy grades_own on public.grades to lms_app
using (
    student_id in (
        select students.id
        from public.students
        where students.user_id = nullif(current_setting('app.current_user_id', true), '')::uuid
    )
);

create policy course_enrollments_own on public.course_enrollments to lms_app
using (
    student_id in (
        select students.id
        from public.students
        where students.user_id = nullif(current_setting('app.current_user_id', true), '')::uuid
    )
);

create policy course_enrollments_taught on public.course_enrollments for select to lms_app
using (
    exists (
        select
        from public.course_instructors
        where course_instructors.course_offering_id = course_enrollments.course_offering_id
            and course_instructors.instructor_id = nullif(current_setting('app.current_user_id', true), '')::uuid
    )
);
