-- The foreign keys between them, from the catalogue.
select
    children.relname as child,
    child_columns.attname as child_column,
    parents.relname as parent,
    parent_columns.attname as parent_column
from pg_constraint as constraints
inner join pg_class as children on constraints.conrelid = children.oid
inner join pg_class as parents on constraints.confrelid = parents.oid
cross join lateral unnest(constraints.conkey, constraints.confkey) as pairs (child_number, parent_number)
inner join pg_attribute as child_columns
    on constraints.conrelid = child_columns.attrelid and pairs.child_number = child_columns.attnum
inner join pg_attribute as parent_columns
    on constraints.confrelid = parent_columns.attrelid and pairs.parent_number = parent_columns.attnum
where constraints.contype = 'f' and children.relnamespace = 'public'::regnamespace
order by child, child_column, parent
