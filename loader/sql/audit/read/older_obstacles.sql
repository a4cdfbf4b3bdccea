-- What hangs on an audit_logs that is not partitioned and could not follow it, one sentence each.
select format('its constraint %s of %s', con.conname, con.conrelid::regclass) as obstacle
from pg_catalog.pg_constraint as con
where (
    con.contype = 'f' and (con.conrelid = 'public.audit_logs'::regclass or con.confrelid = 'public.audit_logs'::regclass)
    or con.contype in ('c', 'u', 'x') and con.conrelid = 'public.audit_logs'::regclass
    and con.conname <> 'audit_logs_older_ready'
)
union all
select format('the materialized view %s', view_class.oid::regclass)
from pg_catalog.pg_class as view_class
where view_class.relkind = 'm' and view_class.oid in (
        select rewrite.ev_class
        from pg_catalog.pg_depend as depend
        inner join pg_catalog.pg_rewrite as rewrite on depend.objid = rewrite.oid
        where depend.classid = 'pg_rewrite'::regclass and depend.refobjid = 'public.audit_logs'::regclass
    )
union all
select format('the rule %s', rulename)
from pg_catalog.pg_rewrite
where ev_class = 'public.audit_logs'::regclass
union all
select format('the inheritance between %s and %s', inhparent::regclass, inhrelid::regclass)
from pg_catalog.pg_inherits
where 'public.audit_logs'::regclass in (inhparent, inhrelid)
union all
select format('the publication %s', publication.pubname)
from pg_catalog.pg_publication_rel as member
inner join pg_catalog.pg_publication as publication on member.prpubid = publication.oid
where member.prrelid = 'public.audit_logs'::regclass
