-- Without it, a write to a view over several tables would be an error of another kind than one to a plain view. With it, every
-- write meets the missing right; and whoever has the right, as the owner has, meets this.
create function {schema}.refuse_write() returns trigger
language plpgsql
as $$
begin
    raise exception 'lms_compat is read-only: it stands in for lms while lms is down.'
        using errcode = 'read_only_sql_transaction', hint = 'Write again when lms is back.';
end
$$;
revoke all on function {schema}.refuse_write() from public
