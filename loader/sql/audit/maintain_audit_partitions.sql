-- Makes the monthly partitions of audit_logs and page_views that are missing (from last month to p_ahead months ahead), moves
-- rows out of the default partitions, and drops partitions that end before now - p_keep (null: none). Says what it did, a line
-- each. For the tables' owner, once a day from cron. It waits for a lock for two seconds only and leaves the rest for the next
-- time.
create or replace function public.maintain_audit_partitions(p_keep interval default null, p_ahead integer default 3)
returns setof text
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '2s'
as $$
declare
    parent record;
    months timestamptz [];
    month timestamptz;
    next_month timestamptz;
    partition text;
    moved bigint;
    old name;
    this_month constant timestamptz := date_trunc('month', now());
    cutoff constant timestamptz := now() - p_keep;
begin
    -- two at once would make the same partition
    perform pg_advisory_xact_lock(hashtext('edu2lms audit partitions'));

    for parent in
        select audited.name, audited.name || '_default' as rest, audited.key
        from (values ('audit_logs', 'action_timestamp'), ('page_views', 'view_timestamp')) as audited (name, key)
    loop
        -- also for what lies in the default partition, unless it is in the far future
        execute format(
            'select array_agg(month order by month) from (
                select generate_series($1 - interval ''1 month'', $1 + make_interval(months => $2), interval ''1 month'') as month
                union
                select distinct date_trunc(''month'', %1$I) from public.%2$I
                where %1$I < $1 + make_interval(months => $2 + 1) and %1$I >= $1 - interval ''10 years''
            ) as wanted', parent.key, parent.rest
        ) into months using this_month, p_ahead;

        foreach month in array months
        loop
            partition := parent.name || to_char(month, '_YYYY_MM');
            next_month := month + interval '1 month';
            continue when next_month <= cutoff or exists (
                -- one that was there before ours may reach into this month
                select
                from pg_inherits as inherits
                inner join pg_class as child on child.oid = inherits.inhrelid
                cross join lateral pg_get_expr(child.relpartbound, child.oid) as bound (expression)
                where inherits.inhparent = to_regclass('public.' || parent.name)
                    and month < substring(bound.expression from 'TO \(''([^'']+)''\)')::timestamptz
                    and next_month > coalesce(substring(bound.expression from 'FROM \(''([^'']+)''\)')::timestamptz, '-infinity')
            );
            begin
                -- Made beside the table and then attached: making it as a partition at once would lock out every reader and writer.
                execute format('create table public.%I (like public.%I including all)', partition, parent.name);
                execute format(
                    'alter table public.%I set (
                        autovacuum_vacuum_scale_factor = 0.02,
                        autovacuum_vacuum_insert_scale_factor = 0.02,
                        autovacuum_analyze_scale_factor = 0.02
                    )', partition
                );
                execute format('lock table public.%I in access exclusive mode', parent.rest);
                execute format(
                    'with moved as (
                        delete from public.%1$I where %2$I >= %3$L and %2$I < %4$L returning *
                    )
                    insert into public.%5$I select * from moved', parent.rest, parent.key, month, next_month, partition
                );
                get diagnostics moved = row_count;
                execute format(
                    'alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                    parent.name, partition, month, next_month
                );
                return next format('made %s', partition) || case when moved > 0 then format(', %s rows moved', moved) else '' end;
            exception
                when lock_not_available then
                    return next format('%s is in use: %s is for the next time', parent.name, partition);
            end;
        end loop;
        execute format('analyze public.%I', parent.name);
    end loop;

    -- Last, because it locks the whole table until the end of the transaction.
    foreach old in array array(
        select child.relname
        from pg_inherits as inherits
        inner join pg_class as child on child.oid = inherits.inhrelid
        where inherits.inhparent in (to_regclass('public.audit_logs'), to_regclass('public.page_views'))
            and substring(pg_get_expr(child.relpartbound, child.oid) from 'TO \(''([^'']+)''\)')::timestamptz <= cutoff
        order by child.relname
    )
    loop
        begin
            execute format('drop table public.%I', old);
            return next format('dropped %s', old);
        exception
            when lock_not_available then
                return next format('%s is in use: it is dropped the next time', old);
        end;
    end loop;
    delete from public.audit_logs_default where action_timestamp < cutoff;
    delete from public.page_views_default where view_timestamp < cutoff;
end
$$
