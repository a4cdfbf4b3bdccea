-- A row that is said to be unable to move really is: the named parent is not there, no term can be found, …
with causes as (
    select
        journal.id as legacy_id,
        'course_enrollments' as entity,
        sections.live_id as section_id,
        students.live_id as student_id,
        null::uuid as exam_id
    from raw_journal as journal
    left join walk as sections on sections.entity = 'course_offerings' and journal.course_id = sections.legacy_id
    left join walk as students on students.entity = 'students' and journal.student_id = students.legacy_id
    where {entity} = 'course_enrollments' and journal.id in (select legacy_id from rejected where entity = {entity})
    union all
    select
        attempt.id,
        'assessment_submissions',
        null,
        students.live_id as student_id,
        exams.live_id as exam_id
    from raw_exam_student as attempt
    left join walk as exams on exams.entity = 'assessments' and attempt.exam_id = exams.legacy_id
    left join walk as students on students.entity = 'students' and attempt.student_id = students.legacy_id
    where {entity} = 'assessment_submissions' and attempt.id in (select legacy_id from rejected where entity = {entity})
    union all
    select
        exam.id,
        'assessments',
        sections.live_id,
        null,
        null
    from raw_exam as exam
    left join walk as sections on sections.entity = 'course_offerings' and exam.course_id = sections.legacy_id
    where {entity} = 'assessments' and exam.id in (select legacy_id from rejected where entity = {entity})
    union all
    select
        teaching.id,
        'course_instructors',
        sections.live_id,
        null,
        null
    from raw_course_teacher as teaching
    left join walk as sections on sections.entity = 'course_offerings' and teaching.course_id = sections.legacy_id
    where {entity} = 'course_instructors' and teaching.id in (select legacy_id from rejected where entity = {entity})
)

select
    rejected.entity,
    'the row was rejected without cause: ' || rejected.reason as what,
    rejected.legacy_id,
    coalesce(causes.section_id, causes.student_id, causes.exam_id) as live_id,
    null::jsonb as expected,
    jsonb_build_object('reason', rejected.reason) as found,
    null::text as label,
    false as is_excused
from rejected
left join causes on rejected.entity = causes.entity and rejected.legacy_id = causes.legacy_id
left join sections on rejected.entity = 'course_offerings' and rejected.legacy_id = sections.id
left join raw_students as students on rejected.entity = 'students' and rejected.legacy_id = students.id
left join raw_teachers as teachers on rejected.entity = 'staff_members' and rejected.legacy_id = teachers.id
where rejected.entity = {entity}
    and case rejected.reason
        when 'missing_section' then causes.section_id is not null
        when 'missing_student' then causes.student_id is not null
        when 'missing_exam' then causes.exam_id is not null
        when 'unmapped_term' then sections.term_id is not null
        when 'unmapped_language' then sections.education_lang_id::text in (select legacy_language_id from seed_language_mapping)
        when 'unmapped_subject' then sections.live_course_id is not null
        when 'invalid_value'
            then coalesce(
                    rejected.entity <> 'course_offerings'
                    or octet_length(btrim(sections.code, e' \t\r\n\u00a0')) <= (select unique_text_bytes from defaults),
                    true
                )
        when 'missing_person'
            then case rejected.entity
                    when 'students' then students.person_id in (select id from raw_persons)
                    when 'staff_members' then teachers.person_id in (select id from raw_persons)
                    else false
                end
        else false
    end
