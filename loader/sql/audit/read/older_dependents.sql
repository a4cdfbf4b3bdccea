-- Views and policies of audit_logs, as text that finds the table by its name.
select
    view_class.oid::bigint as oid,
    format('the view %s', view_class.oid::regclass) as name,
    format('create temporary view audit_try as %s', rtrim(pg_get_viewdef(view_class.oid), ';')) as statement
from pg_catalog.pg_class as view_class
where view_class.relkind = 'v' and view_class.oid in (
        select rewrite.ev_class
        from pg_catalog.pg_depend as depend
        inner join pg_catalog.pg_rewrite as rewrite on depend.objid = rewrite.oid
        where depend.classid = 'pg_rewrite'::regclass and depend.refobjid = 'public.audit_logs'::regclass
    )
union all
select
    null,
    format('the policy %s', polname),
    format(
        'create policy audit_try on pg_temp.audit_logs using (%s)',
        concat_ws(' and ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    )
from pg_catalog.pg_policy
where polrelid = 'public.audit_logs'::regclass
order by 1, 2
