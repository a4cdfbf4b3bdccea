{#- Some columns of a relation as one row. -#}
{% macro row_of(columns, alias) -%}
    row({% for column in columns %}{{ alias }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#-
    A hash of some columns of a row. The text of a row tells NULL from empty. It depends on the session's time zone and date style:
    whoever compares hashes sets `row_hash_session` first.
-#}
{% macro row_hash(columns, alias) -%}
    md5({{ row_of(columns, alias) }}::text)::uuid
{%- endmacro %}

{% macro row_hash_session() -%}
    set local time zone 'UTC'; set local datestyle = 'ISO, YMD'; set local extra_float_digits = 1; set local intervalstyle = 'iso_8601'
{%- endmacro %}
