-- A row that the migration made bears the id that its entity and legacy id give; a row that was there before does not bear such
-- an id.
with coded as (
    select
        crosswalk.entity,
        crosswalk.legacy_id,
        crosswalk.live_id,
        crosswalk.method,
        codes.code
    from (
        select entity, legacy_id, live_id, method from ledger.crosswalk where entity = any({entities})
        union all
        select entity, legacy_id, live_id, method from strangers
    ) as crosswalk
    left join (
        values ('users', 1), ('persons', 2), ('students', 3), ('staff_members', 4), ('academic_terms', 5), ('courses', 6),
        ('course_offerings', 7), ('course_instructors', 8), ('course_enrollments', 9), ('assessments', 10),
        ('assessment_submissions', 11), ('accounts', 12), ('student_logins', 13), ('staff_logins', 14)
    ) as codes (entity, code) on crosswalk.entity = codes.entity
)

select
    {entity} as entity,
    case
        when code is null then 'the crosswalk names an unknown entity'
        when method in ('inserted', 'own_login') then 'the row bears another id than its legacy id gives'
        else 'a row that was there before bears a computed id'
    end as what,
    legacy_id,
    live_id,
    jsonb_build_object('id', pg_temp.computed_id(code, legacy_id)) as expected,
    jsonb_build_object('id', live_id, 'method', method) as found,
    null::text as label,
    false as is_excused
from coded
where code is null
    or (method in ('inserted', 'own_login') and live_id <> pg_temp.computed_id(code, legacy_id))
    or (
        method not in ('inserted', 'own_login', 'folded')
        and live_id::text ~ '^ed0[1-9a-e][0-9a-f]{{4}}-[0-9a-f]{{4}}-8[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{2}}0000000000$'
    )
