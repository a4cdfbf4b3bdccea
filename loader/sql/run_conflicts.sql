-- How many legacy changes were not published.
select count(*) as conflicts from migration.conflicts
