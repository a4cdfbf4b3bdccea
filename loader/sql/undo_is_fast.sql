-- May the role suspend the application's row triggers in its own transaction?
select has_parameter_privilege(current_user, 'session_replication_role', 'SET') as is_fast
