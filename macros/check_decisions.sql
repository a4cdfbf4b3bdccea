{#-
    The decisions (vars) must be possible ones before anything is built: a misspelt grain would quietly be the other one.
    What each may be stands in var `decisions`; `edu2lms run` refuses the same (loader/decisions.py) before it loads.
-#}
{% macro check_decisions() -%}
    {%- if execute -%}
        {%- for name, decision in var('decisions').items() -%}
            {%- set value = var(name) -%}
            {%- set text = decision_as_text(value) -%}
            {%- set shape = {
                'date': '(|[0-9]{4}-[0-9]{2}-[0-9]{2})', 'share': '(0|0?[.][0-9]+|1|[01][.]0+)', 'count': '[0-9]+', 'flag': '(true|false)',
            }.get(decision.type) -%}
            {%- set possible = text in decision.choices if decision.type == 'choice' else modules.re.fullmatch(shape, text) -%}
            {%- if not possible -%}
                {{ exceptions.raise_compiler_error(
                    "The decision " ~ name ~ " cannot be '" ~ text ~ "': it must be " ~ decision.must_be
                    ~ ". Correct it in dbt_project.yml or in --vars; docs/decisions.md explains it."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- A var as it stands in decisions_in_force, for a literal in SQL. -#}
{% macro decision_as_text(value) -%}
    {%- set text = '' if value is none else value | string -%}
    {{ return((text | lower if value is boolean else text) | replace("'", "''")) }}
{%- endmacro %}
