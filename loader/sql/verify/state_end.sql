-- It is done.
update ledger.verifications
set finished_at = current_timestamp, place = null, verdict = %(verdict)s
where verification_id = %(verification_id)s
