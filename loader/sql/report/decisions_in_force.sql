-- The decisions as the last run itself wrote them down.
select * from migration.decisions_in_force
