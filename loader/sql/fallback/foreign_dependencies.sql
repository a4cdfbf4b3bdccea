-- What the views of the fallback stand on outside of its schema. Policies of lms are text that somebody else wrote.
select distinct
    view.relname::text as view_name,
    format('%%I.%%I', used.relnamespace::regnamespace, used.relname) as used
from pg_catalog.pg_class as view
inner join pg_catalog.pg_rewrite as rule on view.oid = rule.ev_class
inner join pg_catalog.pg_depend as dependency
    on dependency.classid = 'pg_catalog.pg_rewrite'::regclass and rule.oid = dependency.objid
inner join pg_catalog.pg_class as used
    on dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid = used.oid
where
    view.relnamespace = to_regnamespace(%(schema)s)
    and used.relnamespace <> view.relnamespace
order by 1, 2
