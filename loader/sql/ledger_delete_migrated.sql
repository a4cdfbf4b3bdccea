-- Deletes rows of one live table that the migration made: the way back of a batch. Runs with the rights of the tables' owner, because the
-- migration's own role may delete nothing. It can only reach ids that embed a legacy id (UUID version 8 beginning with ed), so no row
-- of the application; and nothing it names can be replaced through the search path.
create or replace function ledger.delete_migrated(live_table text, ids uuid[]) returns bigint
language plpgsql
security definer
set search_path = pg_catalog
as $$
declare
    deleted bigint;
begin
    if live_table not in (
        'users', 'persons', 'students', 'staff_members', 'academic_terms', 'courses', 'course_offerings', 'course_instructors',
        'course_enrollments', 'assessments', 'assessment_submissions'
    ) then
        raise exception 'The migration writes no rows into %.', live_table;
    end if;
    execute format(
        'delete from public.%I as live using unnest($1) as made (id)
        where live.id = made.id and live.id::text ~ ''^ed[0-9a-f]{6}-[0-9a-f]{4}-8''',
        live_table
    ) using ids;
    get diagnostics deleted = row_count;
    return deleted;
end
$$
