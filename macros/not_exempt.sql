{#- Leaves out rows that may differ from edu (exempt_rows), by the live id or by the legacy id. -#}
{% macro live_not_exempt(entity, live_id) -%}
    not exists (
        select 1 from {{ ref('exempt_rows') }} as exempt where exempt.entity = '{{ entity }}' and exempt.live_id = {{ live_id }}
    )
{%- endmacro %}

{#- Rows that the application has deleted are out of scope already: they are excused by their reason. -#}
{% macro legacy_not_exempt(entity, legacy_id) -%}
    not exists (
        select 1
        from {{ ref('exempt_rows') }} as exempt
        where
            exempt.entity = '{{ entity }}'
            and exempt.legacy_id = {{ legacy_id }}
            and exempt.exemption <> 'deleted_in_lms'
    )
{%- endmacro %}

{#-
    A table of edu, for the tests that compare edu with lms: the foreign table, so that edu itself is asked. When edu has changed since
    the load, `edu2lms run` asks again with `parity_source: staging`: the raw copies, which the load has proven equal to one
    snapshot of edu.
-#}
{% macro edu_table(name) -%}
    {{ source('edu' if var('parity_source') == 'staging' else 'edu_live', name) }}
{%- endmacro %}

{#- The same without superseded rows: of those that share an id the one changed last moves, the others are no lost ones. -#}
{% macro edu_latest(name, columns) -%}
    (
        select distinct on (id) {{ columns | join(', ') }}
        from {{ edu_table(name) }}
        order by id asc, update_date desc nulls last, create_date desc nulls last, coalesce(active = 1, false) desc
    )
{%- endmacro %}
