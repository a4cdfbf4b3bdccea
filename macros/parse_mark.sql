{#-
    A mark as plain decimal text (0 to 100, comma read as point) or a letter grade A-F with + or -; anything else is NULL.
-#}
{% macro parse_mark(column) -%}
    case
        when replace({{ clean_text(column) }}, ',', '.') ~ '^0*(100([.]0{1,30})?|[0-9]{1,2}([.][0-9]{1,30})?)$'
            then replace({{ clean_text(column) }}, ',', '.')::numeric::text
        when upper({{ clean_text(column) }}) ~ '^[A-F][+-]?$' then upper({{ clean_text(column) }})
    end
{%- endmacro %}
