-- A function of lms that an application calls to log, with the arguments that it has there. Without it a call would be an error
-- of another kind than a write: no such function.
create function {schema}.{name}({arguments}) returns {result}
language plpgsql
as $$
begin
    raise exception 'lms_compat is read-only: it stands in for lms while lms is down.'
        using errcode = 'read_only_sql_transaction', hint = 'Write again when lms is back.';
end
$$;
revoke all on function {schema}.{name} from public;
grant execute on function {schema}.{name} to {role}
