-- Grain: one row per journal row in scope: where it leads, and whether it can migrate at all.
select
    journal.id,
    journal.course_id,
    journal.student_id,
    journal.point,
    journal.create_date,
    coalesce(journal.update_date, journal.create_date) as changed_at,
    sections.live_id as live_offering_id,
    walk.live_id as live_student_id,
    sections.course_code,
    sections.term_start,
    sections.term_end,
    -- its section and student migrate, now or in a later batch
    sections.id is not null
    and students.id is not null
    and rejected_sections.legacy_id is null
    and rejected_students.legacy_id is null as can_migrate
from raw_journal as journal
left join sections on journal.course_id = sections.id
left join student_scope as students on journal.student_id = students.id
left join walk on walk.entity = 'students' and journal.student_id = walk.legacy_id
left join rejected as rejected_sections
    on rejected_sections.entity = 'course_offerings'
        and journal.course_id = rejected_sections.legacy_id
        and sections.live_id is null
left join rejected as rejected_students
    on rejected_students.entity = 'students' and journal.student_id = rejected_students.legacy_id and walk.live_id is null
where journal.active = 1 and not coalesce(sections.is_before_cutoff, false)
