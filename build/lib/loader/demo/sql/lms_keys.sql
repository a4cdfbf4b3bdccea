-- Makes: foreign keys and indexes of lms, after the fill because that is several times faster.
alter table public.persons add foreign key (user_id) references public.users (id) on delete cascade;
alter table public.students add foreign key (user_id) references public.users (id) on delete cascade;
alter table public.staff_members
    add foreign key (user_id) references public.users (id) on delete cascade,
    add foreign key (organization_unit_id) references public.organization_units (id);
alter table public.organization_units add foreign key (parent_id) references public.organization_units (id);
alter table public.course_offerings
    add foreign key (course_id) references public.courses (id),
    add foreign key (academic_term_id) references public.academic_terms (id);
alter table public.course_instructors
    add foreign key (course_offering_id) references public.course_offerings (id) on delete cascade,
    add foreign key (instructor_id) references public.users (id);
alter table public.course_enrollments
    add foreign key (course_offering_id) references public.course_offerings (id),
    add foreign key (student_id) references public.students (id);
alter table public.assessments
    add foreign key (course_offering_id) references public.course_offerings (id) on delete cascade;
alter table public.assessment_submissions
    add foreign key (assessment_id) references public.assessments (id) on delete cascade,
    add foreign key (student_id) references public.students (id);
alter table public.grades
    add foreign key (student_id) references public.students (id),
    add foreign key (course_offering_id) references public.course_offerings (id);

create unique index academic_terms_is_current_key on public.academic_terms (is_current) where is_current;
create unique index course_enrollments_enrolled_key
    on public.course_enrollments (course_offering_id, student_id) where enrollment_status = 'enrolled';
create index course_enrollments_student_id_idx on public.course_enrollments (student_id);
create index course_enrollments_offering_id_idx on public.course_enrollments (course_offering_id);
create index course_enrollments_status_idx on public.course_enrollments (enrollment_status);
create index assessments_course_offering_id_idx on public.assessments (course_offering_id);
create index assessment_submissions_student_id_idx on public.assessment_submissions (student_id);
create index audit_logs_created_at_idx on public.audit_logs (created_at);
