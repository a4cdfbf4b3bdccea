-- A verification begins.
insert into ledger.verifications (verification_id, batch_id, options)
values (%(verification_id)s, %(batch_id)s, %(options)s)
