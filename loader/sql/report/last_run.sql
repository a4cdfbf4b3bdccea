-- The last run that went through to its end, and what its tests said.
select
    batch_id,
    finished_at,
    (outcome -> 'tests' ->> 'passed')::bigint as tests_passed,
    (outcome -> 'tests' ->> 'parity_passed')::bigint as parity_tests_passed,
    (outcome -> 'tests' ->> 'warned')::bigint as tests_warned
from ledger.last_run
