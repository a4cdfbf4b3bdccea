-- Grain: one row per published legacy row
{{ config(materialized='view') }}

select
    entity,
    legacy_id,
    live_id,
    method,
    score,
    batch_id,
    evidence
from {{ ref('stg_ledger__crosswalk') }}
