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
    changed bigint;
    withdrawn bigint;
    planned bigint;
    is_written boolean;
    missing bigint;
    foreign_key record;
    results jsonb := '[]';
begin
    if not pg_try_advisory_xact_lock(hashtext('edu2lms publish')) then
        raise exception 'Another publication is running on this database.'
            using hint = 'Wait until it has ended, then start again: nothing has been written.';
    end if;
    fingerprint_before := ledger.live_fingerprint();

    -- Everything below is rolled back together: by an error, or at the end of a dry run.
    begin
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
    {%- set followed = followed_columns(entity) %}
    {%- set content = content_columns(entity) %}
    {%- set entity_in = "entity in ('" ~ crosswalk_entities(entity) | join("', '") ~ "')" %}
    {#- an enrollment that moves gets the status that the rules give it there; one that stays has the live status in the mart #}
    {%- set written_columns = followed + (['enrollment_status'] if entity.entity == 'course_enrollments' else []) %}
        -- {{ entity.entity }}: what edu has changed since it was published, unless somebody has touched the live row meanwhile
        started_at := clock_timestamp();
        with candidates as materialized (
            select
                live.id, changes.entity, changes.legacy_id, changes.new_source_hash,
                {{ columns_as_json(written_columns + ['updated_at'], 'live') }} as before
            from {{ changes }} as changes
            inner join {{ source('lms', entity.entity) }} as live on changes.live_id = live.id
            where changes.action = 'update' and changes.{{ entity_in }}
                and {{ row_hash(content, 'live') }} = changes.content_hash
            for no key update of live
        ),
        changed as (
            update {{ source('lms', entity.entity) }} as live
            set {% for column in written_columns %}{{ column }} = mart.{{ column }}, {% endfor %}updated_at = current_timestamp
            from candidates
            inner join {{ ref(entity.mart) }} as mart on candidates.id = mart.id
            where live.id = candidates.id
            returning live.id, {{ row_hash(content, 'live') }} as content_hash,
                {{ columns_as_json(written_columns + ['updated_at'], 'live') }} as after
        ),
        noted as (
            insert into ledger.changes (batch_id, entity, legacy_id, live_id, kind, before, after, crosswalk_before)
            select this_batch, candidates.entity, candidates.legacy_id, candidates.id, 'updated', candidates.before, changed.after,
                jsonb_build_object(
                    'source_hash', crosswalk.source_hash, 'content_hash', crosswalk.content_hash, 'is_withdrawn', crosswalk.is_withdrawn
                )
            from candidates
            inner join changed on candidates.id = changed.id
            inner join {{ source('ledger', 'crosswalk') }} as crosswalk
                on candidates.entity = crosswalk.entity and candidates.legacy_id = crosswalk.legacy_id
        )
        update {{ source('ledger', 'crosswalk') }} as crosswalk
        set source_hash = candidates.new_source_hash, content_hash = changed.content_hash, is_withdrawn = false
        from candidates
        inner join changed on candidates.id = changed.id
        where crosswalk.entity = candidates.entity and crosswalk.legacy_id = candidates.legacy_id;
        get diagnostics changed = row_count;
{%- if entity.withdrawal is defined %}
    {%- set withdrawn_columns = (entity.withdrawal.keys() | list) + ['updated_at'] %}

        -- legacy rows that have gone: their live rows are withdrawn, never deleted
        with candidates as materialized (
            select live.id, changes.entity, changes.legacy_id, {{ columns_as_json(withdrawn_columns, 'live') }} as before
            from {{ changes }} as changes
            inner join {{ source('lms', entity.entity) }} as live on changes.live_id = live.id
            where changes.action = 'withdraw' and changes.{{ entity_in }}
                and {{ row_hash(content, 'live') }} = changes.content_hash
            for no key update of live
        ),
        changed as (
            update {{ source('lms', entity.entity) }} as live
            set {% for column, value in entity.withdrawal.items() %}{{ column }} = {{ value }}, {% endfor %}updated_at = current_timestamp
            from candidates
            where live.id = candidates.id
            returning live.id, {{ row_hash(content, 'live') }} as content_hash,
                {{ columns_as_json(withdrawn_columns, 'live') }} as after
        ),
        noted as (
            insert into ledger.changes (batch_id, entity, legacy_id, live_id, kind, before, after, crosswalk_before)
            select this_batch, candidates.entity, candidates.legacy_id, candidates.id, 'withdrawn',
                candidates.before, changed.after,
                jsonb_build_object(
                    'source_hash', crosswalk.source_hash, 'content_hash', crosswalk.content_hash, 'is_withdrawn', crosswalk.is_withdrawn
                )
            from candidates
            inner join changed on candidates.id = changed.id
            inner join {{ source('ledger', 'crosswalk') }} as crosswalk
                on candidates.entity = crosswalk.entity and candidates.legacy_id = crosswalk.legacy_id
        )
        update {{ source('ledger', 'crosswalk') }} as crosswalk
        set source_hash = null, content_hash = changed.content_hash, is_withdrawn = true
        from candidates
        inner join changed on candidates.id = changed.id
        where crosswalk.entity = candidates.entity and crosswalk.legacy_id = candidates.legacy_id;
        get diagnostics withdrawn = row_count;
{%- else %}
        withdrawn := 0;
{%- endif %}

        -- {{ entity.entity }}: new rows
        insert into {{ source('lms', entity.entity) }} ({{ entity.columns | join(', ') }})
        select {% for column in entity.columns %}mart.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ ref(entity.mart) }} as mart
        inner join {{ plan }} as plan on mart.id = plan.live_id
        where plan.outcome = 'inserted' and plan.{{ entity_in }}
        order by mart.id;
        get diagnostics written = row_count;
        results := results || jsonb_build_object(
            'entity', '{{ entity.entity }}', 'inserted', written, 'tracked', 0, 'updated', changed, 'withdrawn', withdrawn,
            'seconds', round(extract(epoch from clock_timestamp() - started_at)::numeric, 3)
        );
{% endfor %}
        -- Where each row went, with hashes that tell later whether edu or the application has changed it since. Read from the live
        -- tables: a planned row that is not there is noticed.
{{ write_crosswalk(plan, is_matched=false) }}
        -- what somebody has entered in the application just as edu says it now
        update {{ source('ledger', 'crosswalk') }} as crosswalk
        set source_hash = changes.new_source_hash
        from {{ changes }} as changes
        where changes.action = 'note' and crosswalk.entity = changes.entity and crosswalk.legacy_id = changes.legacy_id;

        -- Foreign keys, set-wise: lock all parents of the new rows, then see that none is missing.
        if is_fast then
            for foreign_key in
                select
                    constraints.conname,
                    constraints.conrelid::regclass as child,
                    constraints.confrelid::regclass as parent,
                    child_column.attname as child_column,
                    parent_column.attname as parent_column
                from pg_constraint as constraints
                inner join pg_class as child_table on constraints.conrelid = child_table.oid
                inner join pg_attribute as child_column
                    on constraints.conrelid = child_column.attrelid and constraints.conkey[1] = child_column.attnum
                inner join pg_attribute as parent_column
                    on constraints.confrelid = parent_column.attrelid and constraints.confkey[1] = parent_column.attnum
                where constraints.contype = 'f'
                    and constraints.connamespace = 'public'::regnamespace
                    -- a column that the migration leaves empty refers to nothing
                    and child_table.relname || '.' || child_column.attname in (
                        {%- for entity in entities() %}{% set last_entity = loop.last %}
                        {%- for column in entity.columns %}
                        '{{ entity.entity }}.{{ column }}'{{ ',' if not (last_entity and loop.last) }}
                        {%- endfor %}{% endfor %}
                    )
                order by child_table.relname, constraints.conname
            loop
                execute format(
                    'with wanted as materialized (
                        select distinct child.%1$I as id
                        from %2$s as child
                        inner join (
                            select live_id from {{ plan }} where outcome = ''inserted''
                            union all
                            select live_id from {{ changes }} where action = ''update''
                        ) as written on child.id = written.live_id
                        where child.%1$I is not null
                    ),
                    locked as materialized (
                        select parent.%3$I as id from %4$s as parent
                        where parent.%3$I in (select id from wanted)
                        for key share
                    )
                    select (select count(*) from wanted) - (select count(*) from locked)',
                    foreign_key.child_column, foreign_key.child, foreign_key.parent_column, foreign_key.parent
                ) into missing;
                if missing > 0 then
                    raise exception '% parents in % are missing for new rows of % (%).',
                        missing, foreign_key.parent, foreign_key.child, foreign_key.conname
                        using hint = 'The application deleted rows during the run. Nothing has been written: start again.';
                end if;
            end loop;
        end if;

        -- Rows that were there already gain their tracking id and nothing else. Last, so that the application's rows are locked shortly.
{% for entity in entities() if entity.tracking is defined %}
        started_at := clock_timestamp();
        update {{ source('lms', entity.entity) }} as live
        set {{ entity.tracking }} = plan.legacy_id
        from {{ plan }} as plan
        where plan.outcome = 'matched' and plan.entity = '{{ entity.entity }}'
            and live.id = plan.live_id and live.{{ entity.tracking }} is null;
        get diagnostics written = row_count;
        results := {{ add_result(entity.entity, 'tracked') }};
{% endfor %}
        -- The enrollments are in: the counts of their offerings follow what the live table holds now.
        started_at := clock_timestamp();
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
        results := {{ add_result('course_offerings', 'updated') }};
{{ write_crosswalk(plan, is_matched=true) }}
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

        -- the raw values of what could not move as it stands
        insert into {{ source('ledger', 'value_warnings') }} (batch_id, entity, legacy_id, column_name, warning, raw_value)
        select distinct on (warnings.entity, warnings.legacy_id, warnings.column_name, warnings.warning)
            this_batch, warnings.entity, warnings.legacy_id, warnings.column_name, warnings.warning, warnings.raw_value
        from {{ ref('value_warnings') }} as warnings
        inner join {{ plan }} as plan on warnings.entity = plan.entity and warnings.legacy_id = plan.legacy_id
        on conflict do nothing;

        -- One audit row per table and batch instead of one per row.
        if (
            select count(*) = 3 and has_table_privilege(current_user, 'public.audit_logs', 'INSERT')
            from information_schema.columns
            where table_schema = 'public' and table_name = 'audit_logs'
                and column_name in ('action', 'resource_type', 'new_values')
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
