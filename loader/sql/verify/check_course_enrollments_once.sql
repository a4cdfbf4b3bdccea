-- A student is enrolled in an offering once (the partial unique index of the application).
select
    'course_enrollments' as entity,
    'the student is enrolled in the offering several times' as what,
    min(old_journal_id) as legacy_id,
    (array_agg(id order by id))[1] as live_id,
    jsonb_build_object('rows', 1) as expected,
    jsonb_build_object('rows', count(*), 'course_offering_id', course_offering_id, 'student_id', student_id) as found,
    null::text as label,
    false as is_excused
from public.course_enrollments
where enrollment_status = 'enrolled'
group by course_offering_id, student_id
having count(*) > 1
