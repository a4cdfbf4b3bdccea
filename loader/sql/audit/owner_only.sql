-- Takes a function from everybody but its owner: also from those who got it by default privileges when it was made.
do $$
declare
    other text;
begin
    for other in
        select distinct case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end
        from pg_catalog.pg_proc as procedure
        cross join lateral aclexplode(coalesce(procedure.proacl, acldefault('f', procedure.proowner))) as acl
        where procedure.oid = {quoted}::regproc and acl.grantee <> procedure.proowner
    loop
        execute format('revoke all on function %s from %s', {quoted}, other);
    end loop;
end
$$
