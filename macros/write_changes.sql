{#-
    Inside lms_publish: brings the published rows of one entity up to date with edu and withdraws those that have gone. The hash is compared
    once more under the row's lock: what somebody has touched meanwhile stays, and is a conflict of the next run.
-#}
{% macro write_changes(entity, changes) -%}
    {%- set followed = followed_columns(entity) %}
    {%- set content = content_columns(entity) %}
    {#- an enrollment that moves gets the status that the rules give it there; one that stays has the live status in the mart #}
    {%- set written_columns = followed + (['enrollment_status'] if entity.entity == 'course_enrollments' else []) %}
        started_at := clock_timestamp();
        -- {{ entity.entity }}: what edu has changed since it was published, unless somebody has touched the live row meanwhile
        with candidates as materialized (
            select
                live.id, changes.entity, changes.legacy_id, changes.new_source_hash,
                {{ columns_as_json(written_columns + ['updated_at'], 'live') }} as before
            from {{ changes }} as changes
            inner join {{ source('lms', entity.entity) }} as live on changes.live_id = live.id
            where changes.action = 'update' and changes.entity in ('{{ crosswalk_entities(entity) | join("', '") }}')
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
        get diagnostics written = row_count;
        results := {{ add_result(entity.entity, 'updated') }};
        started_at := clock_timestamp();
{%- if entity.withdrawal is defined %}
    {%- set withdrawn_columns = (entity.withdrawal.keys() | list) + ['updated_at'] %}

        -- legacy rows that have gone: their live rows are withdrawn, never deleted
        with candidates as materialized (
            select live.id, changes.entity, changes.legacy_id, {{ columns_as_json(withdrawn_columns, 'live') }} as before
            from {{ changes }} as changes
            inner join {{ source('lms', entity.entity) }} as live on changes.live_id = live.id
            where changes.action = 'withdraw' and changes.entity in ('{{ crosswalk_entities(entity) | join("', '") }}')
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
        get diagnostics written = row_count;
        results := {{ add_result(entity.entity, 'withdrawn') }};
{%- endif %}
{%- endmacro %}
