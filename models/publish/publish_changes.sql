-- Grain: one row per published legacy row whose live row no longer says what edu says
{#-
    Three states are compared: what edu says now (the mart), what it said when the row was last written (source_hash), and whether the
    live row is still as it was left (content_hash). Edu alone has changed: the row is brought up to date. The application has
    touched the row, too: the application wins and the conflict is listed. What only the application changed is no conflict.
-#}
{{ config(
    pre_hook="set local enable_nestloop = off; set local work_mem = '" ~ var('work_mem') ~ "'; " ~ row_hash_session(),
    post_hook="analyze {{ this }}"
) }}
{%- set relations = {
    'course_offerings': ['course_id', 'academic_term_id'],
    'course_instructors': ['course_offering_id', 'instructor_id'],
    'course_enrollments': ['course_offering_id', 'student_id'],
    'assessments': ['course_offering_id'],
    'assessment_submissions': ['assessment_id', 'student_id'],
} %}

with crosswalk as (
    select
        entity,
        legacy_id,
        live_id,
        method,
        source_hash,
        content_hash,
        is_withdrawn,
        method in ('inserted', 'own_login') as is_made
    from {{ ref('int_crosswalk_checked') }}
    where not is_deleted and method <> 'folded'
),

{% for entity in entities() %}
{%- set followed = followed_columns(entity) %}
{{ entity.entity }}_crosswalk as (
    select * from crosswalk where entity in ('{{ crosswalk_entities(entity) | join("', '") }}')
),

-- what the migration made and edu says otherwise now
{{ entity.entity }}_changed as (
    select
        crosswalk.*,
        {{ row_hash(followed, 'mart') }} as new_source_hash
    from {{ entity.entity }}_crosswalk as crosswalk
    inner join {{ ref(entity.mart) }} as mart on crosswalk.live_id = mart.id
    where crosswalk.is_made and coalesce(crosswalk.source_hash <> {{ row_hash(followed, 'mart') }}, true)
),

{{ entity.entity }}_decided as (
    select
        changed.*,
        {{ row_hash(content_columns(entity), 'live') }} as live_hash,
        {{ row_hash(content_columns(entity), 'live') }} is not distinct from changed.content_hash as is_untouched,
        {{ row_of(followed, 'mart') }}
        is not distinct from {{ row_of(followed, 'live') }}
        and not changed.is_withdrawn as is_said_already,
        {%- if entity.entity == 'course_instructors' %}
        row_number() over (partition by mart.course_offering_id, mart.instructor_id order by changed.legacy_id) > 1
        or standing.id is not null as is_place_taken
        {%- else %}
        false as is_place_taken
        {%- endif %}
    from {{ entity.entity }}_changed as changed
    inner join {{ ref(entity.mart) }} as mart on changed.live_id = mart.id
    inner join {{ source('lms', entity.entity) }} as live on changed.live_id = live.id
    {%- if entity.entity == 'course_instructors' %}
    left join {{ source('lms', entity.entity) }} as standing
        on
            mart.course_offering_id = standing.course_offering_id
            and mart.instructor_id = standing.instructor_id
            and live.id <> standing.id
    {%- endif %}
),

-- legacy rows that have gone: neither does anything of edu lead to the live row any more, nor is there a reason but `inactive`
{{ entity.entity }}_gone as (
    select
        crosswalk.*,
        {{ row_hash(content_columns(entity), 'live') }} is not distinct from crosswalk.content_hash as is_untouched
    from {{ entity.entity }}_crosswalk as crosswalk
    inner join {{ source('lms', entity.entity) }} as live on crosswalk.live_id = live.id
    left join {{ ref(entity.classified) }} as accepted on crosswalk.live_id = accepted.live_id
    left join {{ ref(entity.classified) }} as refused
        on
            crosswalk.entity = '{{ entity.entity }}'
            and crosswalk.legacy_id = refused.legacy_id
            and refused.reason <> 'inactive'
    where
        crosswalk.entity = '{{ entity.entity }}'
        and accepted.live_id is null
        and refused.legacy_id is null
        and not crosswalk.is_withdrawn
),

{%- if entity.entity in relations %}
-- the application's own rows keep their place, also when edu says another one
{{ entity.entity }}_moved as (
    select crosswalk.*
    from {{ entity.entity }}_crosswalk as crosswalk
    inner join {{ ref(entity.mart) }} as mart on crosswalk.live_id = mart.id
    inner join {{ source('lms', entity.entity) }} as live on crosswalk.live_id = live.id
    where
        not crosswalk.is_made
        and {{ row_of(relations[entity.entity], 'mart') }}
        is distinct from {{ row_of(relations[entity.entity], 'live') }}
),
{%- endif %}
{% endfor %}
found as (
    {%- for entity in entities() %}
    select
        entity,
        legacy_id,
        live_id,
        case
            when is_said_already then 'note'
            when is_untouched and not is_place_taken then 'update'
        end as action,
        case
            when is_said_already then null
            when not is_untouched then 'edited_in_lms'
            when is_place_taken then 'place_taken'
        end as conflict,
        content_hash,
        live_hash,
        new_source_hash
    from {{ entity.entity }}_decided
    union all
    select
        entity,
        legacy_id,
        live_id,
        {%- if entity.withdrawal is defined %}
        case when is_made and is_untouched then 'withdraw' end,
        case when not is_made then 'gone_in_edu' when not is_untouched then 'gone_and_edited' end,
        {%- else %}
        null,
        'gone_in_edu',
        {%- endif %}
        content_hash,
        null::uuid,
        null::uuid
    from {{ entity.entity }}_gone
    union all
    {%- if entity.entity in relations %}
    select
        entity,
        legacy_id,
        live_id,
        null,
        'moved_in_edu',
        content_hash,
        null::uuid,
        null::uuid
    from {{ entity.entity }}_moved
    union all
    {%- endif %}
    {%- endfor %}
    select
        entity,
        legacy_id,
        live_id,
        null,
        'deleted_in_lms',
        content_hash,
        null::uuid,
        null::uuid
    from {{ ref('int_crosswalk_checked') }}
    where is_deleted
)

select * from found
