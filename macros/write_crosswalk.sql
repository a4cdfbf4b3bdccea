{#-
    Inside lms_publish: writes the planned rows into the crosswalk, with their hashes, and notices those that are not in the live tables.
    Matched rows come after they have their tracking id, the others before.
-#}
{% macro write_crosswalk(plan, is_matched) -%}
{%- for entity in entities() %}
    {%- set condition -%}
        plan.outcome {{ '=' if is_matched else '<>' }} 'matched' and plan.entity in ('{{ crosswalk_entities(entity) | join("', '") }}')
    {%- endset %}
        insert into {{ source('ledger', 'crosswalk') }} (
            entity, legacy_id, live_id, method, score, evidence, batch_id, source_hash, content_hash
        )
        select
            plan.entity, plan.legacy_id, plan.live_id, plan.match_method, plan.match_score, plan.evidence, this_batch,
            {%- if is_matched %}
            null, {{ row_hash(content_columns(entity), 'live') }}
            {%- else %}
            case when plan.outcome = 'inserted' then {{ row_hash(followed_columns(entity), 'mart') }} end,
            case when plan.outcome = 'inserted' then {{ row_hash(content_columns(entity), 'live') }} end
            {%- endif %}
        from {{ plan }} as plan
        inner join {{ source('lms', entity.entity) }} as live on plan.live_id = live.id
        {%- if entity.tracking is defined %}
            and (plan.outcome = 'folded' or live.{{ entity.tracking }} = plan.legacy_id)
        {%- endif %}
        {%- if not is_matched %}
        left join {{ ref(entity.mart) }} as mart on plan.live_id = mart.id
        {%- endif %}
        where {{ condition }}
        order by plan.entity, plan.legacy_id;
        get diagnostics written = row_count;
        select count(*) into planned from {{ plan }} as plan where {{ condition }};
        if written <> planned then
            raise exception '% planned rows of {{ entity.entity }} are not in the live table after writing.', planned - written
                using hint = 'The application changed rows during the run. Nothing has been written: start again.';
        end if;
{% endfor %}
{%- endmacro %}
