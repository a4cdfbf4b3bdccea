-- Whoever has rights in a new schema by default loses them: only one role reads this one.
create schema {schema};
comment on schema {schema} is {mark};
revoke all on schema {schema} from public;
grant usage on schema {schema} to {role}
