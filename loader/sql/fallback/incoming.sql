-- What comes from lms. On commit drop, and dropped by the next relation.
drop table if exists pg_temp.incoming;
create temporary table incoming (legacy_id bigint, follows boolean, {columns}) on commit drop
