{#-
    Everything is built in the target's own schema, and analytics, which outlives the migration, in its own: no model can choose
    another one, the application's least of all.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is not none and custom_schema_name != 'analytics' and node.resource_type != 'test' -%}
        {{ exceptions.raise_compiler_error(
            node.unique_id ~ " asks for schema '" ~ custom_schema_name ~ "': everything is built in '" ~ target.schema
            ~ "' or 'analytics'. Remove its schema setting.") }}
    {%- endif -%}
    {%- if target.schema in ('public', 'staging', 'ledger', 'edu_fdw') -%}
        {{ exceptions.raise_compiler_error(
            "The profile's schema is '" ~ target.schema ~ "', which is not dbt's to build in. Set it to 'migration'.") }}
    {%- endif -%}
    {{ custom_schema_name if custom_schema_name == 'analytics' and node.resource_type != 'test' else target.schema }}
{%- endmacro %}
