{#- The day in the time zone in which people look at the figures. -#}
{% macro local_time(moment) -%}
    ({{ moment }} at time zone '{{ var("analytics_time_zone") }}')
{%- endmacro %}

{% macro local_day(moment) -%}
    {{ local_time(moment) }}::date
{%- endmacro %}

{#- The moment at which a local day begins. -#}
{% macro beginning(day) -%}
    (({{ day }})::timestamp at time zone '{{ var("analytics_time_zone") }}')
{%- endmacro %}

{#- A clock may be wrong by hours; what is dated later than tomorrow has not happened. -#}
{% macro has_happened(moment) -%}
    {{ moment }} < {{ beginning(local_day('now()') ~ ' + 2') }}
{%- endmacro %}

{#-
    The first day that an incremental model counts again: some days before its last one, because events that were kept on disk
    while lms was out arrive later; -infinity for an empty model. Never a day to come, whatever the model holds.
-#}
{% macro first_day_again(day) -%}
    (
        select least(coalesce(max({{ day }}), '-infinity'::date), {{ local_day('now()') }}) - {{ var('analytics_days_again') | int }}
        from {{ this }}
    )
{%- endmacro %}

{#- Which raw rows an incremental model looks at: whole days. Older ones stay as they are, also when their raw rows are gone. -#}
{% macro recent(moment, day) -%}
    {{ moment ~ ' >= ' ~ beginning(first_day_again(day)) if is_incremental() else 'true' }}
{%- endmacro %}
