create trigger refuse_write
instead of insert or update or delete on {schema}.{name}
for each row execute function {schema}.refuse_write();
grant select on {schema}.{name} to {role}
