-- One hash over the shape of all tables of schema public. Data do not change it; whatever DDL does to a table or to what hangs on it does.
create or replace function ledger.live_fingerprint() returns text
language sql
stable
set search_path = pg_catalog
as $$
    with live as (
        select class.oid, class.relname::text as name, class.relkind, class.relrowsecurity, class.relforcerowsecurity,
            class.relowner, class.relacl, class.reloptions, class.relpersistence
        from pg_class as class
        where class.relnamespace = to_regnamespace('public') and class.relkind in ('r', 'p')
    ),
    facts as (
        -- the table itself: owner, row-level security, grants, storage options
        select format(
            'table %s %s owner=%s rls=%s/%s acl=%s options=%s persistence=%s',
            name, relkind, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity,
            (select string_agg(acl::text, ',' order by acl::text) from unnest(relacl) as acl), reloptions, relpersistence
        ) as fact
        from live
        union all
        -- columns: place, type, collation, NOT NULL, default, identity, grants
        select format(
            'column %s.%s %s %s collation=%s notnull=%s default=%s identity=%s generated=%s acl=%s',
            live.name, attribute.attname, attribute.attnum, format_type(attribute.atttypid, attribute.atttypmod),
            attribute.attcollation, attribute.attnotnull, pg_get_expr(column_default.adbin, column_default.adrelid),
            attribute.attidentity, attribute.attgenerated,
            (select string_agg(acl::text, ',' order by acl::text) from unnest(attribute.attacl) as acl)
        )
        from live
        inner join pg_attribute as attribute
            on attribute.attrelid = live.oid and attribute.attnum > 0 and not attribute.attisdropped
        left join pg_attrdef as column_default
            on column_default.adrelid = live.oid and column_default.adnum = attribute.attnum
        union all
        -- constraints, their foreign keys included
        select format('constraint %s.%s %s valid=%s', live.name, con.conname, pg_get_constraintdef(con.oid), con.convalidated)
        from live
        inner join pg_constraint as con on con.conrelid = live.oid
        union all
        -- indexes, and whether they can be used
        select format('index %s valid=%s ready=%s', pg_get_indexdef(index_data.indexrelid), index_data.indisvalid, index_data.indisready)
        from live
        inner join pg_index as index_data on index_data.indrelid = live.oid
        union all
        -- triggers, and whether they fire
        select format('trigger %s %s enabled=%s', live.name, pg_get_triggerdef(trigger_data.oid), trigger_data.tgenabled)
        from live
        inner join pg_trigger as trigger_data on trigger_data.tgrelid = live.oid
        where not trigger_data.tgisinternal
        union all
        -- the triggers behind foreign keys: only whether they fire, since their names hold an oid
        select format('foreign key triggers %s enabled=%s n=%s', live.name, trigger_data.tgenabled, count(*))
        from live
        inner join pg_trigger as trigger_data on trigger_data.tgrelid = live.oid
        where trigger_data.tgisinternal
        group by live.name, trigger_data.tgenabled
        union all
        -- policies
        select format(
            'policy %s.%s permissive=%s command=%s roles=%s using=%s check=%s',
            live.name, policy.polname, policy.polpermissive, policy.polcmd,
            array(
                select case when role_oid = 0 then 'public' else pg_get_userbyid(role_oid)::text end
                from unnest(policy.polroles) as role_oid
                order by 1
            ),
            pg_get_expr(policy.polqual, policy.polrelid), pg_get_expr(policy.polwithcheck, policy.polrelid)
        )
        from live
        inner join pg_policy as policy on policy.polrelid = live.oid
        union all
        -- rules
        select format('rule %s %s enabled=%s', live.name, pg_get_ruledef(rewrite.oid), rewrite.ev_enabled)
        from live
        inner join pg_rewrite as rewrite on rewrite.ev_class = live.oid
        union all
        -- views of the application that read the tables
        select distinct format('view %s.%s %s', view_schema.nspname, view_class.relname, pg_get_viewdef(view_class.oid))
        from live
        inner join pg_depend as depend
            on depend.refobjid = live.oid and depend.refclassid = 'pg_class'::regclass and depend.classid = 'pg_rewrite'::regclass
        inner join pg_rewrite as rewrite on rewrite.oid = depend.objid
        inner join pg_class as view_class on view_class.oid = rewrite.ev_class and view_class.relkind in ('v', 'm')
        inner join pg_namespace as view_schema on view_schema.oid = view_class.relnamespace
        -- our own views come and go with each build
        where view_schema.nspname not in ('migration', 'staging', 'edu_fdw', 'ledger', 'analytics')
    )
    select md5(coalesce(string_agg(fact, e'\n' order by fact collate "C"), ''))
    from facts
$$
