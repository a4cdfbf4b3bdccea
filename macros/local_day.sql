{#- The day in the time zone in which people look at the figures. -#}
{% macro local_time(moment) -%}
    ({{ moment }} at time zone '{{ var("analytics_time_zone") }}')
{%- endmacro %}

{% macro local_day(moment) -%}
    {{ local_time(moment) }}::date
{%- endmacro %}

{#-
    Which raw rows an incremental model looks at: whole days, from some days before its last one, because events that were kept on
    disk while lms was out arrive later. Days that are older stay as they are, also when their raw rows are gone.
-#}
{% macro recent(moment, day) -%}
    {%- if is_incremental() -%}
    {{ moment }} >= (
        select
            coalesce(max({{ day }}) - {{ var('analytics_days_again') | int }}, '-infinity'::date)::timestamp
            at time zone '{{ var("analytics_time_zone") }}'
        from {{ this }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
