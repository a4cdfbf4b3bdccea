-- The first half of the change-over, in one transaction with the second one: remembers what hangs on the older table, and
-- renames it.
do $$
declare
    item record;
begin
    lock table public.audit_logs in access exclusive mode;
    if not exists (
        select from pg_catalog.pg_constraint
        where conrelid = 'public.audit_logs'::regclass and conname = 'audit_logs_older_ready' and convalidated
    ) then
        raise exception 'Rows of the older audit_logs are not filled yet.' using hint = 'Run edu2lms prepare again.';
    end if;

    -- statements that make it again, in the order of their places; none names audit_logs by its oid, so they find the new table
    create temporary table audit_leave (place integer, statement text) on commit drop;

    insert into audit_leave
    select 1, format(
        'grant %s%s on table public.audit_logs to %s%s',
        acl.privilege_type, acl.columns, case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
        case when acl.is_grantable then ' with grant option' else '' end
    )
    from (
        select granted.grantee, granted.privilege_type, granted.is_grantable, '' as columns
        from pg_catalog.pg_class as class
        cross join lateral aclexplode(class.relacl) as granted
        where class.oid = 'public.audit_logs'::regclass and granted.grantee <> class.relowner
        union all
        select granted.grantee, granted.privilege_type, granted.is_grantable, format(' (%I)', attribute.attname)
        from pg_catalog.pg_attribute as attribute
        cross join lateral aclexplode(attribute.attacl) as granted
        where attribute.attrelid = 'public.audit_logs'::regclass and not attribute.attisdropped
    ) as acl;

    insert into audit_leave
    select 1, format('alter table public.audit_logs owner to %I', pg_get_userbyid(relowner))
    from pg_catalog.pg_class
    where oid = 'public.audit_logs'::regclass and pg_get_userbyid(relowner) <> current_user;

    insert into audit_leave
    select 2, format('comment on %s is %L', case description.objsubid
        when 0 then 'table public.audit_logs' else format('column public.audit_logs.%I', attribute.attname)
    end, description.description)
    from pg_catalog.pg_description as description
    left join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = description.objoid and attribute.attnum = description.objsubid
    where description.objoid = 'public.audit_logs'::regclass and description.classoid = 'pg_class'::regclass;

    insert into audit_leave
    select 3, format('alter table public.audit_logs %s row level security', mode)
    from pg_catalog.pg_class
    cross join lateral (values (relrowsecurity, 'enable'), (relforcerowsecurity, 'force')) as security (is_on, mode)
    where oid = 'public.audit_logs'::regclass and is_on;

    insert into audit_leave
    select 3, format(
        'create policy %I on public.audit_logs as %s for %s to %s%s%s',
        policy.polname,
        case when policy.polpermissive then 'permissive' else 'restrictive' end,
        case policy.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end,
        (
            select string_agg(case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ')
            from unnest(policy.polroles) as role
        ),
        ' using (' || pg_get_expr(policy.polqual, policy.polrelid) || ')',
        ' with check (' || pg_get_expr(policy.polwithcheck, policy.polrelid) || ')'
    )
    from pg_catalog.pg_policy as policy
    where policy.polrelid = 'public.audit_logs'::regclass;

    -- An index that the new table has as well is taken over with the partition and not built again. One on user_id goes with the
    -- column: it is of another type.
    for item in
        select
            class.relname,
            replace(pg_get_indexdef(class.oid), 'CREATE INDEX', 'create index if not exists') as definition,
            exists (
                select from pg_catalog.pg_depend as depend
                inner join pg_catalog.pg_attribute as attribute
                    on attribute.attrelid = depend.refobjid and attribute.attnum = depend.refobjsubid
                where depend.classid = 'pg_class'::regclass and depend.objid = class.oid
                    and depend.refobjid = index_data.indrelid and attribute.attname = 'user_id'
            ) as is_on_user
        from pg_catalog.pg_index as index_data
        inner join pg_catalog.pg_class as class on class.oid = index_data.indexrelid
        where index_data.indrelid = 'public.audit_logs'::regclass
            and not index_data.indisunique
            and class.relname not like 'audit\_logs\_older\_%'
    loop
        if not item.is_on_user then
            insert into audit_leave values (4, item.definition);
        end if;
        execute format('alter index public.%I rename to %I', item.relname, left(item.relname, 57) || '_older');
    end loop;

    for item in
        select polname from pg_catalog.pg_policy where polrelid = 'public.audit_logs'::regclass
    loop
        execute format('drop policy %I on public.audit_logs', item.polname);
    end loop;

    for item in
        select tgname, tgenabled, pg_get_triggerdef(oid) as definition
        from pg_catalog.pg_trigger
        where tgrelid = 'public.audit_logs'::regclass and not tgisinternal and tgname <> 'audit_logs_older_bridge'
    loop
        insert into audit_leave values (5, item.definition);
        if item.tgenabled <> 'O' then
            insert into audit_leave
            values (6, format('alter table public.audit_logs %s trigger %I', case item.tgenabled
                when 'D' then 'disable' when 'A' then 'enable always' else 'enable replica'
            end, item.tgname));
        end if;
        execute format('drop trigger %I on public.audit_logs', item.tgname);
    end loop;

    insert into audit_leave
    select distinct
        7, format('create or replace view %s%s as %s', view_class.oid::regclass,
            ' with (' || array_to_string(view_class.reloptions, ', ') || ')', pg_get_viewdef(view_class.oid))
    from pg_catalog.pg_depend as depend
    inner join pg_catalog.pg_rewrite as rewrite on rewrite.oid = depend.objid
    inner join pg_catalog.pg_class as view_class on view_class.oid = rewrite.ev_class and view_class.relkind = 'v'
    where depend.classid = 'pg_rewrite'::regclass
        and depend.refclassid = 'pg_class'::regclass
        and depend.refobjid = 'public.audit_logs'::regclass;

    -- functions whose body is stored parsed
    insert into audit_leave
    select distinct 8, pg_get_functiondef(depend.objid)
    from pg_catalog.pg_depend as depend
    where depend.classid = 'pg_proc'::regclass
        and depend.refclassid = 'pg_class'::regclass
        and depend.refobjid = 'public.audit_logs'::regclass;

    alter table public.audit_logs rename to audit_logs_older;
    alter table public.audit_logs_older rename user_id to user_id_before;
    alter table public.audit_logs_older rename user_id_text to user_id;
    execute (
        select format('alter table public.audit_logs_older drop constraint %I', conname)
        from pg_catalog.pg_constraint where conrelid = 'public.audit_logs_older'::regclass and contype = 'p'
    );
end
$$
