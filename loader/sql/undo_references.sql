-- Foreign keys that refer to a live table: the table they stand in, and how its rows find their parent.
select
    constraints.conrelid::regclass::text as child,
    string_agg(format('child.%%I = parent.%%I', child.attname, parent.attname), ' and ') as condition
from pg_catalog.pg_constraint as constraints
cross join lateral unnest(constraints.conkey, constraints.confkey) as pairs (child_number, parent_number)
inner join pg_catalog.pg_attribute as child on constraints.conrelid = child.attrelid and pairs.child_number = child.attnum
inner join pg_catalog.pg_attribute as parent on constraints.confrelid = parent.attrelid and pairs.parent_number = parent.attnum
where constraints.contype = 'f' and constraints.confrelid = to_regclass('public.' || quote_ident(%(table)s))
group by constraints.oid, constraints.conrelid
order by 1, 2
