{#- Text without outer white space (no-break spaces included); blank is NULL. -#}
{% macro clean_text(column) -%}
    nullif(btrim({{ column }}, e' \t\r\n\u00a0'), '')
{%- endmacro %}
