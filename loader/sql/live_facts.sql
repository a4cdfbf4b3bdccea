-- One text per catalogue item of the application's schema: what DDL can change and what merely reading, writing, analysing or
-- vacuuming rows cannot. Each begins with the relation that it belongs to. What belongs to the migration's own schemas does not
-- count: it comes and goes with each build.
with own_schemas as (
    select namespace.oid
    from pg_catalog.pg_namespace as namespace
    where namespace.nspname in ('edu_fdw', 'staging', 'migration', 'ledger', 'analytics')
        -- other places in which the migration's role lets dbt build
        or (
            namespace.nspname <> 'public'
            and namespace.nspowner = (select nspowner from pg_catalog.pg_namespace where nspname = 'ledger')
        )
),

-- the months of the audit tables come and go by themselves (maintain_audit_partitions)
partitions as (
    select inherits.inhrelid as oid
    from pg_catalog.pg_inherits as inherits
    inner join pg_catalog.pg_class as parent on inherits.inhparent = parent.oid
    where parent.relkind = 'p' and inherits.inhparent in (to_regclass('public.audit_logs'), to_regclass('public.page_views'))
),

public_relations as (
    select class.oid
    from pg_catalog.pg_class as class
    where class.relnamespace = to_regnamespace('public') and class.relkind in ('r', 'p', 'v', 'm', 'f')
        and class.oid not in (select partitions.oid from partitions)
),

-- each relation, and each view that would fall with it
view_depends as (
    select distinct depend.refobjid as on_relation, rewrite.ev_class as view_relation
    from pg_catalog.pg_depend as depend
    inner join pg_catalog.pg_rewrite as rewrite on depend.objid = rewrite.oid
    inner join pg_catalog.pg_class as view_class on rewrite.ev_class = view_class.oid
    where depend.classid = 'pg_catalog.pg_rewrite'::regclass
        and depend.refclassid = 'pg_catalog.pg_class'::regclass
        and view_class.relkind in ('v', 'm')
        and view_class.relpersistence <> 't'
        and view_class.relnamespace not in (select own_schemas.oid from own_schemas)
),

live_oids as (
    with recursive reached as (
        select public_relations.oid from public_relations
        union
        select view_depends.view_relation
        from reached
        inner join view_depends on reached.oid = view_depends.on_relation
    )

    select reached.oid from reached
),

live as (
    select
        class.*,
        case
            when namespace.nspname = 'public' then quote_ident(class.relname)
            else format('%I.%I', namespace.nspname, class.relname)
        end as name
    from live_oids
    inner join pg_catalog.pg_class as class on live_oids.oid = class.oid
    inner join pg_catalog.pg_namespace as namespace on class.relnamespace = namespace.oid
),

sequences as (
    select
        class.*,
        case
            when owned.refobjid is null then quote_ident(class.relname)
            else (select live.name from live where live.oid = owned.refobjid)
        end as name,
        (
            select attribute.attname from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = owned.refobjid and attribute.attnum = owned.refobjsubid
        ) as owned_by
    from pg_catalog.pg_class as class
    left join pg_catalog.pg_depend as owned
        on owned.classid = 'pg_catalog.pg_class'::regclass
            and class.oid = owned.objid
            and owned.refclassid = 'pg_catalog.pg_class'::regclass
            and owned.deptype in ('a', 'i')
    where class.relkind = 'S'
        and class.relpersistence <> 't'
        and (
            owned.refobjid in (select live.oid from live)
            or (owned.refobjid is null and class.relnamespace = to_regnamespace('public'))
        )
),

-- the application's functions: all of its schema, those that live triggers call, those whose SQL body reads a live table
functions as (
    select
        procedure.*,
        format(
            '%s%I(%s)',
            case when namespace.nspname <> 'public' then quote_ident(namespace.nspname) || '.' end,
            procedure.proname, pg_get_function_identity_arguments(procedure.oid)
        ) as signature
    from pg_catalog.pg_proc as procedure
    inner join pg_catalog.pg_namespace as namespace on procedure.pronamespace = namespace.oid
    where procedure.prokind <> 'a'
        and procedure.pronamespace not in (select own_schemas.oid from own_schemas)
        and namespace.nspname not in ('pg_catalog', 'information_schema')
        and (
            namespace.nspname = 'public'
            or procedure.oid in (
                select trigger_data.tgfoid from pg_catalog.pg_trigger as trigger_data
                where trigger_data.tgrelid in (select live.oid from live) and not trigger_data.tgisinternal
            )
            or procedure.oid in (
                select depend.objid from pg_catalog.pg_depend as depend
                where depend.classid = 'pg_catalog.pg_proc'::regclass
                    and depend.refclassid = 'pg_catalog.pg_class'::regclass
                    and depend.refobjid in (select live.oid from live)
            )
        )
        and not exists (
            select 1 from pg_catalog.pg_depend as extension
            where extension.classid = 'pg_catalog.pg_proc'::regclass
                and extension.objid = procedure.oid
                and extension.deptype = 'e'
        )
),

-- a privilege a line, so that another grant is an addition and nothing else
grants as (
    select live.name, '' as place, acl.*
    from live
    cross join lateral aclexplode(coalesce(live.relacl, acldefault('r', live.relowner))) as acl
    union all
    select live.name, format(' (%I)', attribute.attname), acl.*
    from live
    inner join pg_catalog.pg_attribute as attribute on live.oid = attribute.attrelid and not attribute.attisdropped
    cross join lateral aclexplode(attribute.attacl) as acl
    union all
    select sequences.name, format(' on sequence %I', sequences.relname), acl.*
    from sequences
    cross join lateral aclexplode(coalesce(sequences.relacl, acldefault('s', sequences.relowner))) as acl
    union all
    select 'schema public', '', acl.*
    from pg_catalog.pg_namespace as namespace
    cross join lateral aclexplode(coalesce(namespace.nspacl, acldefault('n', namespace.nspowner))) as acl
    where namespace.nspname = 'public'
    union all
    select 'schema public', format(' on function %s', functions.signature), acl.*
    from functions
    cross join lateral aclexplode(coalesce(functions.proacl, acldefault('f', functions.proowner))) as acl
)

-- ── the schema ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
select format('schema public: owner %s', pg_get_userbyid(namespace.nspowner)) as fact
from pg_catalog.pg_namespace as namespace
where namespace.nspname = 'public'

union all
select
    format(
        '%s: grant %s%s to %s by %s%s',
        grants.name, lower(grants.privilege_type), grants.place,
        case grants.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grants.grantee)) end,
        quote_ident(pg_get_userbyid(grants.grantor)),
        case when grants.is_grantable then ' with grant option' end
    )
from grants

union all
select
    format(
        'schema public: function %s owner %s: %s',
        functions.signature, pg_get_userbyid(functions.proowner), pg_get_functiondef(functions.oid)
    )
from functions

-- enumerations and domains of the application
union all
select
    format('schema public: type %I owner %s: %s', type.typname, pg_get_userbyid(type.typowner), concat_ws(
        ', ',
        nullif(format_type(type.typbasetype, type.typtypmod), '-'),
        case when type.typnotnull then 'not null' end,
        'default ' || type.typdefault,
        (
            select string_agg(quote_literal(enum.enumlabel), ', ' order by enum.enumsortorder)
            from pg_catalog.pg_enum as enum where enum.enumtypid = type.oid
        ),
        (
            select
                string_agg(
                    format(
                        'constraint %I %s%s',
                        con.conname,
                        pg_get_constraintdef(con.oid),
                        case when not con.convalidated then ' not valid' end
                    ),
                    ', ' order by con.conname
                )
            from pg_catalog.pg_constraint as con where con.contypid = type.oid
        )
    ))
from pg_catalog.pg_type as type
where type.typnamespace = to_regnamespace('public') and type.typtype in ('e', 'd')

-- ── tables and views ──────────────────────────────────────────────────────────────────────────────────────────────────────────
union all
select
    format(
        '%s: %s, owner %s%s%s%s%s',
        live.name,
        case live.relkind
            when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view' when 'm' then 'materialized view'
            else 'foreign table'
        end,
        pg_get_userbyid(live.relowner),
        case live.relpersistence when 'u' then ', unlogged' when 't' then ', temporary' end,
        case when live.reltablespace <> 0 then ', in another tablespace' end,
        case
            when live.relreplident <> 'd' and live.relkind in ('r', 'p') then format(', replica identity %s', live.relreplident)
        end,
        ', stored by ' || (select access.amname from pg_catalog.pg_am as access where access.oid = live.relam)
    )
from live
union all
select format('%s: storage options %s', live.name, array_to_string(live.reloptions, ', '))
from live
where live.reloptions is not null
union all
select
    format(
        '%s: row-level security %s%s', live.name,
        case when live.relrowsecurity then 'on' else 'off' end,
        case when live.relforcerowsecurity then ', forced' end
    )
from live
where live.relkind in ('r', 'p')
union all
select format('%s: reads %s', live.name, pg_get_viewdef(live.oid))
from live
where live.relkind in ('v', 'm')
union all
select format('%s: partitioned by %s', live.name, pg_get_partkeydef(live.oid))
from live
where live.relkind = 'p'
union all
select
    format(
        '%s: child of %s%s', child.oid::regclass, inherits.inhparent::regclass, ' ' || pg_get_expr(child.relpartbound, child.oid)
    )
from pg_catalog.pg_inherits as inherits
inner join pg_catalog.pg_class as child on inherits.inhrelid = child.oid
where child.relkind in ('r', 'p', 'f')
    and (inherits.inhrelid in (select live.oid from live) or inherits.inhparent in (select live.oid from live))
    and inherits.inhrelid not in (select partitions.oid from partitions)
union all
select
    format(
        '%s: comment%s %s', live.name,
        ' on ' || (
            select quote_ident(attribute.attname) from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = live.oid and attribute.attnum = description.objsubid and description.objsubid > 0
        ),
        quote_literal(description.description)
    )
from live
inner join pg_catalog.pg_description as description
    on live.oid = description.objoid and description.classoid = 'pg_catalog.pg_class'::regclass
union all
select format('%s: published by %s', live.name, publication.pubname)
from live
inner join pg_catalog.pg_publication_rel as member on live.oid = member.prrelid
inner join pg_catalog.pg_publication as publication on member.prpubid = publication.oid

-- ── what belongs to a table ───────────────────────────────────────────────────────────────────────────────────────────────────
union all
select
    format(
        '%s: column %I %s%s%s%s%s%s%s, place %s',
        live.name, attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
        case
            when attribute.attcollation <> type.typcollation
                then ' collate ' || (select quote_ident(collname) from pg_catalog.pg_collation where oid = attribute.attcollation)
        end,
        case when attribute.attnotnull then ' not null' end,
        case attribute.attgenerated
            when '' then ' default ' || pg_get_expr(column_default.adbin, column_default.adrelid)
            else format(
                    ' generated (%s) as %s', attribute.attgenerated, pg_get_expr(column_default.adbin, column_default.adrelid)
                )
        end,
        case attribute.attidentity when 'a' then ' identity always' when 'd' then ' identity by default' end,
        case when attribute.attstorage <> type.typstorage then format(' storage %s', attribute.attstorage) end,
        concat(
            case when attribute.attcompression <> '' then format(' compression %s', attribute.attcompression) end,
            case when coalesce(attribute.attstattarget, -1) <> -1 then format(' statistics %s', attribute.attstattarget) end,
            ' options ' || array_to_string(attribute.attoptions, ', ')
        ),
        attribute.attnum
    )
from live
inner join pg_catalog.pg_attribute as attribute
    on live.oid = attribute.attrelid and attribute.attnum > 0 and not attribute.attisdropped
inner join pg_catalog.pg_type as type on attribute.atttypid = type.oid
left join pg_catalog.pg_attrdef as column_default
    on live.oid = column_default.adrelid and attribute.attnum = column_default.adnum
union all
select
    format(
        '%s: constraint %I %s%s', live.name, con.conname, pg_get_constraintdef(con.oid),
        case when not con.convalidated then ' (not validated)' end
    )
from live
inner join pg_catalog.pg_constraint as con on live.oid = con.conrelid
union all
-- foreign keys of others that lean on a live table
select
    format(
        '%s: constraint %I of %s %s%s', live.name, con.conname, con.conrelid::regclass, pg_get_constraintdef(con.oid),
        case when not con.convalidated then ' (not validated)' end
    )
from live
inner join pg_catalog.pg_constraint as con on live.oid = con.confrelid and con.contype = 'f'
inner join pg_catalog.pg_class as child on con.conrelid = child.oid
where con.conrelid not in (select live_oids.oid from live_oids)
    and child.relnamespace not in (select own_schemas.oid from own_schemas)
union all
select
    format(
        '%s: index %I %s%s%s%s%s', live.name, index_class.relname, pg_get_indexdef(index_data.indexrelid),
        case when not index_data.indisvalid then ' (invalid)' end,
        case when not index_data.indisready then ' (not ready)' end,
        case when index_data.indisclustered then ' (clustered)' end,
        case when index_data.indisreplident then ' (replica identity)' end
    )
from live
inner join pg_catalog.pg_index as index_data on live.oid = index_data.indrelid
inner join pg_catalog.pg_class as index_class on index_data.indexrelid = index_class.oid
union all
select format('%s: statistics %s', live.name, pg_get_statisticsobjdef(extended.oid))
from live
inner join pg_catalog.pg_statistic_ext as extended on live.oid = extended.stxrelid
union all
select
    format(
        '%s: trigger %I %s%s', live.name, trigger_data.tgname, pg_get_triggerdef(trigger_data.oid),
        case trigger_data.tgenabled
            when 'O' then '' when 'D' then ' (disabled)' when 'R' then ' (on replica only)' else ' (always)'
        end
    )
from live
inner join pg_catalog.pg_trigger as trigger_data on live.oid = trigger_data.tgrelid
where not trigger_data.tgisinternal
union all
-- the triggers behind foreign keys: only whether they fire, since their names hold an oid
select
    format(
        '%s: foreign key triggers %s: %s', live.name,
        case trigger_data.tgenabled when 'O' then 'on' when 'D' then 'disabled' else trigger_data.tgenabled::text end, count(*)
    )
from live
inner join pg_catalog.pg_trigger as trigger_data on live.oid = trigger_data.tgrelid
left join pg_catalog.pg_class as other_side on other_side.oid = nullif(trigger_data.tgconstrrelid, 0)
where trigger_data.tgisinternal
    and (other_side.oid is null or other_side.relnamespace not in (select own_schemas.oid from own_schemas))
group by live.name, trigger_data.tgenabled
union all
select
    format(
        '%s: policy %I %s for %s to %s%s%s', live.name, policy.polname,
        case when policy.polpermissive then 'permissive' else 'restrictive' end,
        case policy.polcmd
            when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete'
        end,
        (
            select
                string_agg(
                    case role_oid when 0 then 'public' else quote_ident(pg_get_userbyid(role_oid)) end, ', ' order by role_oid
                )
            from unnest(policy.polroles) as role_oid
        ),
        format(' using (%s)', nullif(pg_get_expr(policy.polqual, policy.polrelid), '')),
        ' with check ' || pg_get_expr(policy.polwithcheck, policy.polrelid)
    )
from live
inner join pg_catalog.pg_policy as policy on live.oid = policy.polrelid
union all
select
    format(
        '%s: rule %I %s%s', live.name, rewrite.rulename, pg_get_ruledef(rewrite.oid),
        case when rewrite.ev_enabled <> 'O' then format(' (enabled: %s)', rewrite.ev_enabled) end
    )
from live
inner join pg_catalog.pg_rewrite as rewrite on live.oid = rewrite.ev_class
where live.relkind not in ('v', 'm') or rewrite.rulename <> '_RETURN'

-- ── sequences ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
union all
select
    format(
        '%s: sequence %I of %s, owner %s, %s from %s by %s within %s to %s%s',
        sequences.name, sequences.relname, coalesce(sequences.owned_by, 'nothing'), pg_get_userbyid(sequences.relowner),
        format_type(definition.seqtypid, null),
        definition.seqstart,
        definition.seqincrement,
        definition.seqmin,
        definition.seqmax,
        case when definition.seqcycle then ', cycles' end
    )
from sequences
inner join pg_catalog.pg_sequence as definition on sequences.oid = definition.seqrelid
