{#-
    A date from text DD/MM/YYYY; NULL when the text is empty, malformed or names a day that does not exist (31/02/2003).
    to_date() would raise on such a day and stop the whole run.
-#}
{% macro parse_date(column) -%}
    case
        when btrim({{ column }}) ~ '^(0?[1-9]|[12][0-9]|3[01])/(0?[1-9]|1[0-2])/(1[89]|20)[0-9][0-9]$'
            then (
                select make_date(parts.y, parts.m, parts.d)
                from (
                    select
                        split_part(btrim({{ column }}), '/', 1)::integer as d,
                        split_part(btrim({{ column }}), '/', 2)::integer as m,
                        split_part(btrim({{ column }}), '/', 3)::integer as y
                ) as parts
                where parts.d <= extract(day from make_date(parts.y, parts.m, 1) + interval '1 month - 1 day')
            )
    end
{%- endmacro %}
