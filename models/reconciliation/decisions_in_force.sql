-- Grain: one row per decision: a var of dbt_project.yml, or a file of seeds/
{#-
    The vars and their defaults come from var `decisions`, the hashes from dbt, which has read the files for this very build: sha256
    of a file without the white space around it.
-#}
{%- set seeds = [
    'academic_terms', 'conflict_kinds', 'course_mapping', 'defaults', 'employment_type_mapping', 'finding_limits',
    'funding_type_mapping', 'gender_mapping', 'language_mapping', 'lesson_type_mapping', 'offering_overrides', 'reject_reasons',
    'semester_codes', 'study_mode_mapping', 'submission_status_mapping', 'term_mapping',
] %}
with variables as (
    {%- for name, decision in var('decisions').items() %}
    select
        'var' as kind,
        '{{ name }}' as decision,
        '{{ decision_as_text(var(name)) }}' as value,
        '{{ decision_as_text(decision.default) }}' as default_value,
        '{{ decision.question | replace("'", "''") }}' as question,
        null::text as file_hash
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

files as (
    {%- for name in seeds %}
    {%- set node = graph.nodes['seed.' ~ project_name ~ '.' ~ name] if execute else none %}
    select
        'seed' as kind,
        'seeds/{{ name }}.csv' as decision,
        count(*) || ' lines' as value,
        null as default_value,
        '{{ node.description | replace("'", "''") if node else "" }}' as question,
        '{{ node.checksum.checksum if node else "" }}' as file_hash
    from {{ ref(name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        kind,
        decision,
        value,
        default_value,
        value = default_value as is_default,
        question,
        file_hash,
        nullif('{{ env_var("EDU2LMS_BATCH_ID", "") }}', '') as batch_id
    from (
        select * from variables
        union all
        select * from files
    ) as decisions
)

select * from final
