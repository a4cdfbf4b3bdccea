-- Views over several tables cannot be written anyway; this way each of them says why, and with the code of a read-only transaction.
create function {schema}.refuse_write() returns trigger
language plpgsql
as $$
begin
    raise exception 'lms_compat is read-only: it stands in for lms while lms is down.'
        using errcode = 'read_only_sql_transaction', hint = 'Write again when lms is back.';
end
$$;
revoke all on function {schema}.refuse_write() from public
