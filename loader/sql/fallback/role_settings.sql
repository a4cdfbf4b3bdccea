-- How its sessions start. The rights are what holds; these are conveniences that a session can change.
alter role {role} in database {database} set search_path = {schema};
alter role {role} in database {database} set default_transaction_read_only = on;
alter role {role} in database {database} set statement_timeout = '30s';
alter role {role} in database {database} set lock_timeout = '5s';
alter role {role} in database {database} set idle_in_transaction_session_timeout = '60s'
