-- The live tables that the migration writes, and those that they refer to: columns, in their order.
select
    tables.relname as table_name,
    columns.attname as column_name,
    format_type(columns.atttypid, columns.atttypmod) as data_type,
    columns.attnotnull as is_required,
    coalesce(keys.is_key, false) as is_key
from pg_class as tables
inner join pg_attribute as columns on tables.oid = columns.attrelid and columns.attnum > 0 and not columns.attisdropped
left join (
    select conrelid, unnest(conkey) as attnum, true as is_key from pg_constraint where contype = 'p'
) as keys on tables.oid = keys.conrelid and columns.attnum = keys.attnum
where
    tables.relnamespace = 'public'::regnamespace
    and tables.relname in (
        'users', 'persons', 'students', 'staff_members', 'organization_units', 'academic_terms', 'courses', 'course_offerings',
        'course_instructors', 'course_enrollments', 'assessments', 'assessment_submissions'
    )
order by tables.relname, columns.attnum
