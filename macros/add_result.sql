{#- Inside lms_publish: `results` with `written` and the time since `started_at` added to one entity's line. -#}
{% macro add_result(entity, counter) -%}
    (
            select jsonb_agg(
                case
                    when item ->> 'entity' = '{{ entity }}'
                        then item || jsonb_build_object(
                            '{{ counter }}', (item ->> '{{ counter }}')::bigint + written,
                            'seconds', (item ->> 'seconds')::numeric
                            + round(extract(epoch from clock_timestamp() - started_at)::numeric, 3)
                        )
                    else item
                end
                order by position
            )
            from jsonb_array_elements(results) with ordinality as items (item, position)
        )
{%- endmacro %}
