{#-
    The model's SQL is the body of a function that returns a JSON array; it is run once, in one transaction, and what it says it did
    becomes the model's table. dbt drops and renames only its own table: no live table is ever dbt's to build.
-#}
{% materialization publish, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set run_function = adapter.quote(this.schema) ~ '.' ~ adapter.quote(this.identifier ~ '_run') -%}

    {% call statement('limits', auto_begin=True) %}
        set local lock_timeout = '{{ var("lock_timeout") }}';
        set local statement_timeout = '{{ var("statement_timeout") }}';
        set local work_mem = '256MB';
        {{ row_hash_session() }}
    {% endcall %}
    {% call statement('define', auto_begin=False) %}
        create or replace function {{ run_function }}() returns jsonb language plpgsql as $publish$
{{ sql }}
        $publish$
    {% endcall %}
    {% call statement('main', auto_begin=False) %}
        create temporary table lms_publish_results on commit drop as
        select item.*
        from jsonb_to_recordset({{ run_function }}()) as item (
            batch_id text, is_published boolean, is_fast boolean, entity text,
            inserted bigint, tracked bigint, updated bigint, withdrawn bigint, seconds double precision
        )
    {% endcall %}
    {% call statement('keep', auto_begin=False) %}
        drop table if exists {{ target_relation }};
        create table {{ target_relation }} as select * from lms_publish_results
    {% endcall %}
    {% do persist_docs(target_relation, model) %}
    {% do adapter.commit() %}

    {#- After the commit, so that nobody waits for it: the tables grew, and the planner should know. Only an owner may ANALYZE, so
        prepare left a function for it. -#}
    {% call statement('analyze', auto_begin=True) %}
        analyze {{ source('ledger', 'crosswalk') }};
        select ledger.analyze_live()
        from {{ target_relation }}
        having bool_or(is_published) and sum(inserted + tracked + updated + withdrawn) > 0
    {% endcall %}
    {% do adapter.commit() %}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- The decisions in force, for the batch's record. -#}
{% macro decisions() -%}
    {%- set values = {} -%}
    {%- for name in var('decisions').keys() | list + ['courses'] -%}
        {%- do values.update({name: var(name) if var(name) is number else decision_as_text(var(name))}) -%}
    {%- endfor -%}
    {{ tojson(values) | replace("'", "''") }}
{%- endmacro %}
