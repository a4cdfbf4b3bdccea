-- The two queries that the migration was promised to answer in full, asked of the live tables.
select
    (select count(*) from public.course_offerings where old_course_id is not null) as offerings_with_legacy_id,
    (select count(*) from public.course_enrollments where old_journal_id is not null) as enrollments_with_legacy_id
