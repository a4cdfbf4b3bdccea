-- Fresh statistics for the tables that a publication fills. Runs with the rights of their owner, because only an owner may
-- ANALYZE; it can do nothing else, and nothing it names can be replaced through the search path.
create or replace function ledger.analyze_live() returns void
language plpgsql
security definer
-- last, or a temporary table of the caller would be found before the catalog
set search_path = pg_catalog, pg_temp
as $$
begin
    analyze
        public.users,
        public.persons,
        public.students,
        public.staff_members,
        public.organization_units,
        public.academic_terms,
        public.courses,
        public.course_offerings,
        public.course_instructors,
        public.course_enrollments,
        public.assessments,
        public.assessment_submissions;
end
$$
