-- Makes the monthly partitions of audit_logs and page_views that are missing (from last month to p_ahead months ahead), moves
-- rows out of the default partitions, drops partitions that end before now - p_keep (null: none), and deletes sessions that were
-- closed before. Leaves what analytics has not counted yet, where analytics is in use. Says what it did, a line each. For the
-- tables' owner, once a day from cron. It waits for a lock for two seconds only and leaves the rest for the next time.
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
    finished name [] := '{}';
    uncounted timestamptz;
    is_uncounted boolean;
    gone bigint;
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

    for parent in
        select audited.*
        from (
            values
            ('user_sessions', 'login_timestamp', 'session_durations'),
            ('audit_logs', 'action_timestamp', 'daily_active_users'),
            ('page_views', 'view_timestamp', 'most_viewed_pages')
        ) as audited (name, key, model)
        where p_keep is not null
    loop
        uncounted := 'infinity';
        if exists (
            select
            from pg_class as class
            inner join pg_namespace as namespace on namespace.oid = class.relnamespace
            where namespace.nspname = 'analytics' and class.relname = parent.model
        ) then
            begin
                -- its days are those of its time zone: nearly the same, which is enough to notice that nobody counts
                execute format(
                    'select coalesce(max(activity_date) + 1, ''-infinity'')::timestamptz from analytics.%I
                    where activity_date <= current_date + 1', parent.model
                ) into uncounted;
            exception
                when insufficient_privilege then
                    uncounted := '-infinity';
                    return next format('%s may not read analytics.%s: grant it that', current_user, parent.model);
            end;
        end if;

        if parent.name = 'user_sessions' then
            delete from public.user_sessions
            where session_id in (
                select old_session.session_id
                from public.user_sessions as old_session
                where old_session.logout_timestamp < cutoff
                    and old_session.login_timestamp < least(cutoff, uncounted)
                -- one that is being written has come back to life
                for update skip locked
            );
            get diagnostics gone = row_count;
            if gone > 0 then
                return next format('deleted %s closed sessions', gone);
            end if;
            continue;
        end if;

        foreach old in array array(
            select child.relname
            from pg_inherits as inherits
            inner join pg_class as child on child.oid = inherits.inhrelid
            where inherits.inhparent = to_regclass('public.' || parent.name)
                and substring(pg_get_expr(child.relpartbound, child.oid) from 'TO \(''([^'']+)''\)')::timestamptz <= cutoff
            order by child.relname
        )
        loop
            execute format('select exists (select from public.%I where %I >= $1)', old, parent.key)
            into is_uncounted using uncounted;
            if is_uncounted then
                return next format('left %s: analytics.%s has not counted all of it', old, parent.model);
            else
                finished := finished || old;
            end if;
        end loop;
        execute format('delete from public.%I where %I < least($1, $2)', parent.name || '_default', parent.key)
        using cutoff, uncounted;
    end loop;

    -- Last, because it locks the whole table until the end of the transaction.
    foreach old in array finished
    loop
        begin
            execute format('drop table public.%I', old);
            return next format('dropped %s', old);
        exception
            when lock_not_available then
                return next format('%s is in use: it is dropped the next time', old);
        end;
    end loop;
end
$$
