{#-
    Tests are set-based as models are: hash joins win, and chains of joins mislead the planner into loops. Models say so in a pre-hook,
    which tests have not got; so it stands before each test's query, in the same transaction.
-#}
{% macro postgres__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    set local enable_nestloop = off;
    set local enable_mergejoin = off;
    set local jit = off;
    set local work_mem = '{{ var("work_mem") }}';
    {{ default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}
