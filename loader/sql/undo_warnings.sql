-- Forgets the value warnings of rows that are no longer published.
delete from ledger.value_warnings as warnings
where
    warnings.batch_id = %(batch)s
    and not exists (
        select 1 from ledger.crosswalk where crosswalk.entity = warnings.entity and crosswalk.legacy_id = warnings.legacy_id
    )
