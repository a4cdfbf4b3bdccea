-- How far it has come.
update ledger.verifications
set place = %(place)s, results = %(results)s
where verification_id = %(verification_id)s
