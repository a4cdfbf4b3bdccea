{#-
    Is a text short enough to stand under a unique index? An entry of PostgreSQL's btree holds about 2,700 bytes; the limit leaves room
    for what the migration appends (#2, @placeholder.invalid) and for the other columns of the index.
-#}
{% macro is_indexable(column) -%}
    octet_length({{ column }}) <= (
        select defaults.value::integer from {{ ref('defaults') }} as defaults where defaults.setting = 'unique_text_bytes'
    )
{%- endmacro %}

{#- Text without outer white space; NULL where it is too long to be unique: then it is no more a number or a name than a blank is. -#}
{% macro indexable_text(column) -%}
    case when {{ is_indexable(clean_text(column)) }} then {{ clean_text(column) }} end
{%- endmacro %}
