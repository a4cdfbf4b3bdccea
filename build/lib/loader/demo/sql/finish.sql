-- Makes: nothing; drops the scaffolding. demo.sizes, the answer key and the expected rejects stay.
drop schema demo_truth cascade;
revoke all on schema demo from public;
