-- A mark that could not move as it stands is kept in the ledger with its raw value (rules, section 2).
select
    'course_enrollments' as entity,
    'the raw mark is not in the ledger' as what,
    journal.id as legacy_id,
    have.live_id,
    jsonb_build_object('raw_value', journal.point) as expected,
    null::jsonb as found,
    null::text as label,
    false as is_excused
from have_course_enrollments as have
inner join want_course_enrollments as want on have.legacy_id = want.legacy_id
inner join journal_scope as journal on have.legacy_id = journal.id
where have.is_made and want.grade is null and btrim(journal.point, e' \t\r\n\u00a0') <> ''
    and not exists (
        select 1
        from ledger.value_warnings as warnings
        where warnings.entity = 'course_enrollments' and warnings.legacy_id = journal.id and warnings.raw_value is not null
    )
