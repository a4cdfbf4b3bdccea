-- A table that only the application fills, without its rows.
create view {schema}.{name} as
select {columns}
where false
