{#-
    Inside lms_publish: writes the planned rows into the crosswalk, with hashes that tell later whether edu or the application has changed
    them since. Read from the live tables, so that a row that is not there is noticed. Rows that have yet to gain their tracking
    id come later, with it.
-#}
{% macro write_crosswalk(plan) -%}
{%- for entity in entities() %}
        insert into {{ source('ledger', 'crosswalk') }} (
            entity, legacy_id, live_id, method, score, evidence, batch_id, source_hash, content_hash
        )
        select
            plan.entity, plan.legacy_id, plan.live_id, plan.match_method, plan.match_score, plan.evidence, this_batch,
            case when plan.outcome = 'inserted' then {{ row_hash(followed_columns(entity), 'mart') }} end,
            case when plan.outcome <> 'folded' then {{ row_hash(content_columns(entity), 'live') }} end
        from {{ plan }} as plan
        inner join {{ source('lms', entity.entity) }} as live on plan.live_id = live.id
        {%- if entity.tracking is defined %}
            and (plan.outcome = 'folded' or live.{{ entity.tracking }} = plan.legacy_id)
        {%- endif %}
        left join {{ ref(entity.mart) }} as mart on plan.live_id = mart.id and plan.outcome = 'inserted'
        where plan.entity in ('{{ crosswalk_entities(entity) | join("', '") }}')
        order by plan.entity, plan.legacy_id;
        get diagnostics written = row_count;
        recorded := recorded + written;
{% endfor %}
{%- endmacro %}
