-- It goes on, in another snapshot.
update ledger.verifications
set snapshots = snapshots + 1
where verification_id = %(verification_id)s
returning snapshots
