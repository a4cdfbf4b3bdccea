-- Deletes rows of one live table that the migration made, but those that other rows still refer to; returns what it left and for
-- whom. The way back of a batch: the caller has locked the rows, so that nobody can give them children meanwhile. Runs with the
-- rights of the tables' owner, because the migration's own role may delete nothing. It can only reach ids that embed a legacy id
-- (UUID version 8 beginning with ed), so no row of the application; and nothing it names can be replaced through the search path.
create or replace function ledger.delete_migrated(live_table text, ids uuid[]) returns table (left_id uuid, needed_by text)
language plpgsql
security definer
-- last, or a temporary table of the caller would be found before the catalog
set search_path = pg_catalog, pg_temp
as $$
declare
    foreign_key record;
    needed jsonb := '{}';
    found jsonb;
begin
    if live_table not in (
        'users', 'persons', 'students', 'staff_members', 'academic_terms', 'courses', 'course_offerings', 'course_instructors',
        'course_enrollments', 'assessments', 'assessment_submissions'
    ) then
        raise exception 'The migration writes no rows into %.', live_table;
    end if;
    for foreign_key in
        select
            constraints.conrelid::regclass::text as child,
            string_agg(format('child.%I = parent.%I', child.attname, parent.attname), ' and ') as condition
        from pg_constraint as constraints
        cross join lateral unnest(constraints.conkey, constraints.confkey) as pairs (child_number, parent_number)
        inner join pg_attribute as child on constraints.conrelid = child.attrelid and pairs.child_number = child.attnum
        inner join pg_attribute as parent on constraints.confrelid = parent.attrelid and pairs.parent_number = parent.attnum
        where constraints.contype = 'f' and constraints.confrelid = format('public.%I', live_table)::regclass
        group by constraints.oid, constraints.conrelid
        order by 1, 2
    loop
        execute format(
            'select coalesce(jsonb_object_agg(parent.id, %L), ''{}'')
            from public.%I as parent
            inner join unnest($1) as made (id) on parent.id = made.id
            where exists (select 1 from %s as child where %s)',
            replace(foreign_key.child, 'public.', ''), live_table, foreign_key.child, foreign_key.condition
        ) into found using ids;
        needed := found || needed;
    end loop;
    execute format(
        'delete from public.%I as live
        using unnest($1) as made (id)
        where live.id = made.id and live.id::text ~ ''^ed[0-9a-f]{6}-[0-9a-f]{4}-8'' and not $2 ? live.id::text',
        live_table
    ) using ids, needed;
    return query execute format(
        'select live.id, coalesce($2 ->> live.id::text, ''an id that the migration did not make'')
        from public.%I as live
        inner join unnest($1) as made (id) on live.id = made.id',
        live_table
    ) using ids, needed;
end
$$
