{#-
    Place of a row among the rows that share its legacy id: 1 is the one changed last, and the only one that moves.
    edu has tables without a primary key. `edu_latest` chooses the same row in edu itself.
-#}
{% macro version_place(id_column) -%}
    row_number() over (
        partition by {{ id_column }} order by updated_at desc nulls last, created_at desc nulls last, is_active desc
    )
{%- endmacro %}
