-- Whether a wanted row has to be there: yes, unless the run says that it cannot move, or a small batch has left it for later.
(
    not {is_partial} and not exists (
        select 1 from rejected where rejected.entity = {entity} and rejected.legacy_id = wanted.legacy_id
    )
    or exists (
        select 1 from ledger.crosswalk where crosswalk.entity = {entity} and crosswalk.legacy_id = wanted.legacy_id
    )
)
