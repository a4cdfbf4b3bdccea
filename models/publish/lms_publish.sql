-- Grain: one row per entity: what the last publication wrote, or would write
{#-
    The only thing that writes to the application's schema: the body of one function, one transaction over all tables.
    Upstream stands everything whose tests must have passed: a failed test skips this model.
-#}
{{ config(materialized='publish') }}

-- depends_on: {{ ref('rejected_rows') }}
-- depends_on: {{ ref('accounting') }}
-- depends_on: {{ ref('value_warnings') }}
-- depends_on: {{ ref('distribution_findings') }}
-- depends_on: {{ ref('conflicts') }}
{%- for entity in entities() if entity.source %}
-- depends_on: {{ source('edu_live', entity.source) }}
{%- endfor %}
-- depends_on: {{ source('ledger', 'table_loads') }}
{% set plan = ref('publish_plan') %}
{%- set changes = ref('publish_changes') %}
declare
    is_dry_run constant boolean := {{ 'false' if var('publish') else 'true' }};
    this_batch constant text := coalesce(
        nullif('{{ env_var("EDU2LMS_BATCH_ID", "") }}', ''),
        to_char(now() at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') || '-' || left(md5(random()::text), 4)
    );
    is_fast boolean;
    fingerprint_before text;
    started_at timestamptz;
    written bigint;
    recorded bigint := 0;
    tracked_rows bigint;
    is_written boolean;
    missing bigint;
    foreign_key record;
    results jsonb := '[]';
    results_before jsonb;
    attempt integer;
begin
    if not pg_try_advisory_xact_lock(hashtext('edu2lms publish')) then
        raise exception 'Another publication is running on this database.'
            using hint = 'Wait until it has ended, then start again: nothing has been written.';
    end if;
    fingerprint_before := ledger.live_fingerprint();

    -- Everything below is rolled back together: by an error, or at the end of a dry run.
    begin
        -- The audit triggers leave rows of a batch alone, also on the slower way: it has a row of its own per table.
        perform set_config('audit.batch', this_batch, true);
        -- With the right to set it, the application's row triggers (one audit row for each of 415,711 enrollments) and the row-wise
        -- foreign key checks are suspended for this transaction only; the foreign keys are proven set-wise below. Without the
        -- right, or with a foreign key over several columns, the slower way is taken: everything fires.
        is_fast := has_parameter_privilege(current_user, 'session_replication_role', 'SET')
            and not exists (
                select 1 from pg_constraint
                where contype = 'f' and connamespace = 'public'::regnamespace and cardinality(conkey) > 1
            );
        if is_fast then
            set local session_replication_role = replica;
        end if;
{% for entity in entities() %}
        -- {{ entity.entity }}: new rows
        started_at := clock_timestamp();
        insert into {{ source('lms', entity.entity) }} ({{ entity.columns | join(', ') }})
        select {% for column in entity.columns %}mart.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ ref(entity.mart) }} as mart
        inner join {{ plan }} as plan on mart.id = plan.live_id
        where plan.outcome = 'inserted' and plan.entity in ('{{ crosswalk_entities(entity) | join("', '") }}')
        order by mart.id;
        get diagnostics written = row_count;
        results := results || jsonb_build_object(
            'entity', '{{ entity.entity }}', 'inserted', written, 'tracked', 0, 'updated', 0, 'withdrawn', 0,
            'seconds', round(extract(epoch from clock_timestamp() - started_at)::numeric, 3)
        );
{% endfor %}
        -- where each row went
        -- The statistics know nothing of the rows that have just come: a planner that expects none would look up each by itself.
        perform set_config('enable_nestloop', 'off', true);
{{ write_crosswalk(plan) }}
        perform set_config('enable_nestloop', 'on', true);

        -- what somebody has entered in the application just as edu says it now
        update {{ source('ledger', 'crosswalk') }} as crosswalk
        set
            source_hash = changes.new_source_hash,
            -- ledgers of the first version have none
            content_hash = coalesce(crosswalk.content_hash, changes.live_hash)
        from {{ changes }} as changes
        where changes.action = 'note' and crosswalk.entity = changes.entity and crosswalk.legacy_id = changes.legacy_id;

        -- Foreign keys of the new rows, set-wise
{{ prove_foreign_keys(plan, "outcome = ''inserted''") }}

        -- Now the rows that the application uses: last, so that they are locked shortly. Whoever edits an enrollment and then its
        -- offering must not meet us coming the other way, so children come first; and we never wait longer for a row than
        -- row_lock_timeout, which is below the server's deadlock_timeout: it is we who let go and try again, not the application.
        results_before := results;
        attempt := 1;
        loop
            begin
                tracked_rows := 0;
                perform set_config('lock_timeout', '{{ var("row_lock_timeout") }}', true);
{% for entity in entities() | reverse %}
    {%- if entity.tracking is defined %}
                -- {{ entity.entity }}: rows that were there already gain their tracking id and nothing else
                started_at := clock_timestamp();
                with tracked as (
                    update {{ source('lms', entity.entity) }} as live
                    set {{ entity.tracking }} = plan.legacy_id
                    from {{ plan }} as plan
                    where plan.outcome = 'matched' and plan.entity = '{{ entity.entity }}'
                        and live.id = plan.live_id and live.{{ entity.tracking }} is null
                    returning live.id, {{ row_hash(content_columns(entity), 'live') }} as content_hash
                )
                insert into {{ source('ledger', 'crosswalk') }} (
                    entity, legacy_id, live_id, method, score, evidence, batch_id, content_hash
                )
                select
                    plan.entity, plan.legacy_id, plan.live_id, plan.match_method, plan.match_score, plan.evidence, this_batch,
                    tracked.content_hash
                from tracked
                inner join {{ plan }} as plan on tracked.id = plan.live_id and plan.outcome = 'matched';
                get diagnostics written = row_count;
                tracked_rows := tracked_rows + written;
                results := {{ add_result(entity.entity, 'tracked') }};
    {%- endif %}
        {{ write_changes(entity, changes) }}
{% endfor %}
        {{ prove_foreign_keys(changes, "action = ''update''") }}

        -- The enrollments are in: the counts of their offerings follow what the live table holds now.
        started_at := clock_timestamp();
        perform set_config('enable_nestloop', 'off', true);
        with counted as materialized (
            select offerings.id, count(enrollments.id)::integer as enrolled
            from {{ source('lms', 'course_offerings') }} as offerings
            left join {{ source('lms', 'course_enrollments') }} as enrollments
                on offerings.id = enrollments.course_offering_id and enrollments.enrollment_status = 'enrolled'
            where offerings.old_course_id is not null
            group by offerings.id
        ),
        candidates as materialized (
            select live.id, live.old_course_id, live.current_enrollment, live.max_enrollment, counted.enrolled
            from {{ source('lms', 'course_offerings') }} as live
            inner join counted on live.id = counted.id
            where live.current_enrollment is distinct from counted.enrolled
            for no key update of live
        ),
        corrected as (
            update {{ source('lms', 'course_offerings') }} as live
            set current_enrollment = candidates.enrolled, max_enrollment = greatest(live.max_enrollment, candidates.enrolled)
            from candidates
            where live.id = candidates.id
            returning live.id, live.current_enrollment, live.max_enrollment
        )
        insert into ledger.changes (batch_id, entity, legacy_id, live_id, kind, before, after)
        select
            this_batch, 'course_offerings', candidates.old_course_id, candidates.id, 'counted',
            jsonb_build_object('current_enrollment', candidates.current_enrollment, 'max_enrollment', candidates.max_enrollment),
            jsonb_build_object('current_enrollment', corrected.current_enrollment, 'max_enrollment', corrected.max_enrollment)
        from candidates
        inner join corrected on candidates.id = corrected.id;
        get diagnostics written = row_count;
        perform set_config('enable_nestloop', 'on', true);
        results := {{ add_result('course_offerings', 'updated') }};
                exit;
            exception
                when lock_not_available or deadlock_detected then
                    if attempt >= {{ var('row_lock_attempts') | int }} then
                        raise exception 'The application held rows of the live tables for % attempts of {{ var("row_lock_timeout") }}: %',
                            attempt, sqlerrm
                            using hint = 'Nothing has been written. End the long transaction (pg_stat_activity), then start again.';
                    end if;
                    -- what the attempt wrote is undone, and its locks are gone: let the application pass
                    results := results_before;
                    attempt := attempt + 1;
                    perform pg_sleep(0.05 * attempt);
            end;
        end loop;
        perform set_config('lock_timeout', '{{ var("lock_timeout") }}', true);

        if recorded + tracked_rows <> (select count(*) from {{ plan }}) then
            raise exception '% planned rows are not in the live tables after writing.',
                (select count(*) from {{ plan }}) - recorded - tracked_rows
                using hint = 'The application changed rows during the run. Nothing has been written: start again.';
        end if;
        is_written := exists (
            select 1 from jsonb_array_elements(results) as item
            where (item ->> 'inserted')::bigint + (item ->> 'tracked')::bigint
                + (item ->> 'updated')::bigint + (item ->> 'withdrawn')::bigint > 0
        ) or exists (select 1 from {{ plan }});

        if is_written then
            insert into ledger.batches (batch_id, started_at, published_at, courses, decisions)
            values (this_batch, now(), now(), nullif({{ var('courses') | int }}, 0), '{{ decisions() }}'::jsonb);

            insert into {{ source('ledger', 'batch_tables') }} (batch_id, entity, inserted, tracked, updated, withdrawn, seconds)
            select this_batch, item.*
            from jsonb_to_recordset(results)
                as item (
                    entity text, inserted bigint, tracked bigint, updated bigint, withdrawn bigint, seconds double precision
                );

            delete from ledger.content_columns;
            insert into ledger.content_columns (entity, columns)
            values
                {%- for entity in entities() %}
                ('{{ entity.entity }}', '{ {{ content_columns(entity) | join(", ") }} }'){{ ',' if not loop.last else ';' }}
                {%- endfor %}
        end if;

        -- the raw values of what could not move as it stands, in new rows and in changed ones
        insert into {{ source('ledger', 'value_warnings') }} (batch_id, entity, legacy_id, column_name, warning, raw_value)
        select distinct on (warnings.entity, warnings.legacy_id, warnings.column_name, warnings.warning)
            this_batch, warnings.entity, warnings.legacy_id, warnings.column_name, warnings.warning, warnings.raw_value
        from {{ ref('value_warnings') }} as warnings
        inner join (
            select entity, legacy_id from {{ plan }}
            union all
            select entity, legacy_id from {{ changes }} where action = 'update'
        ) as written_rows on warnings.entity = written_rows.entity and warnings.legacy_id = written_rows.legacy_id
        on conflict do nothing;

        -- One audit row per table and batch instead of one per row; before `prepare` has seen to audit_logs, in its older form.
        if (
            select count(*) = 4 and has_table_privilege(current_user, to_regclass('public.audit_logs'), 'INSERT')
            from pg_attribute
            where attrelid = to_regclass('public.audit_logs') and not attisdropped
                and attname in ('action_type', 'entity_type', 'new_values', 'metadata')
        ) then
            insert into {{ source('lms', 'audit_logs') }} (action_type, entity_type, new_values, metadata)
            select
                'migrate', item ->> 'entity', item - 'seconds' || jsonb_build_object('batch_id', this_batch),
                jsonb_build_object('database_user', session_user, 'batch_id', this_batch)
            from jsonb_array_elements(results) as item
            where (item ->> 'inserted')::bigint + (item ->> 'tracked')::bigint
                + (item ->> 'updated')::bigint + (item ->> 'withdrawn')::bigint > 0;
        elsif (
            select count(*) = 3 and has_table_privilege(current_user, to_regclass('public.audit_logs'), 'INSERT')
            from pg_attribute
            where attrelid = to_regclass('public.audit_logs') and not attisdropped
                and attname in ('action', 'resource_type', 'new_values')
        ) then
            insert into {{ source('lms', 'audit_logs') }} (action, resource_type, new_values)
            select 'migrate', item ->> 'entity', item - 'seconds' || jsonb_build_object('batch_id', this_batch)
            from jsonb_array_elements(results) as item
            where (item ->> 'inserted')::bigint + (item ->> 'tracked')::bigint
                + (item ->> 'updated')::bigint + (item ->> 'withdrawn')::bigint > 0;
        end if;

        if ledger.live_fingerprint() <> fingerprint_before then
            raise exception 'The definition of a live table changed during the publication.'
                using hint = 'Nothing has been written. Find out who changed the application''s schema, then start again.';
        end if;

        if is_dry_run then
            raise exception using errcode = 'EDRUN', message = 'dry run';
        end if;
    exception
        when sqlstate 'EDRUN' then
            null;  -- the work is undone, the counts are kept
    end;

    return (
        select jsonb_agg(item || jsonb_build_object('batch_id', this_batch, 'is_published', not is_dry_run, 'is_fast', is_fast))
        from jsonb_array_elements(results) as item
    );
end
