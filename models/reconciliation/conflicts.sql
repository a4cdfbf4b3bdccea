-- Grain: one row per published legacy row that the application decides about
with kinds as (
    select conflict, sentence, repair from {{ ref('conflict_kinds') }}
),

final as (
    select
        changes.entity,
        changes.legacy_id,
        changes.live_id,
        changes.conflict,
        kinds.sentence as detail,
        kinds.repair
    from {{ ref('publish_changes') }} as changes
    left join kinds on changes.conflict = kinds.conflict
    where changes.conflict is not null
)

select * from final
