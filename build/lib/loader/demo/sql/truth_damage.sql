-- Makes (only with --damaged): sections that cannot be migrated, their rosters, and how many rejects follow.
-- Fifteen sections: two without a term, two of a year that no mapping knows, two without plan subject, two with a
-- missing one, two whose subjects collide on one course code, one without language, and two pairs of candidates for
-- two live offerings that no roster decides.
create unlogged table demo_truth.damaged_sections as
select
    d as section_no,
    flaw,
    demo_truth.legacy_id(timestamptz '2022-09-01 06:00+00' + d * interval '1 day', 7, 9000000000 + d) as id,
    timestamptz '2022-09-01 06:00+00' + d * interval '1 day' as created_at,
    case when d <= 11 then 3 else 10 end as students
from unnest(array[
    'no term', 'no term', 'unknown year', 'unknown year', 'no plan', 'no plan', 'missing plan', 'missing plan',
    'collision', 'collision', 'no language', 'same roster', 'same roster', 'half roster', 'half roster'
]) with ordinality as listed (flaw, d);

-- Roster of the undecided offerings: students 201 to 210 and 221 to 230. In the first pair both sections hold all of
-- them, in the second one section holds six and the other four.
create unlogged table demo_truth.damaged_rosters as
select
    damaged_sections.section_no,
    case flaw
        when 'same roster' then 200 + turn
        when 'half roster' then 220 + turn + case section_no when 14 then 4 else -6 end
        else 100 + section_no * 4 + turn
    end as student_no,
    damaged_sections.section_no * 100 + turn as n
from demo_truth.damaged_sections
cross join lateral generate_series(1, damaged_sections.students) as turn;

-- A section of colliding subjects is unmapped_subject: its detail names the subject's own reason, ambiguous_match.
insert into demo.demo_expected_rejects (entity, reason, n) values
('students', 'missing_person', 3),
('staff_members', 'missing_person', 2),
('courses', 'ambiguous_match', 2),
('course_offerings', 'unmapped_term', 4),
('course_offerings', 'unmapped_subject', 4 + 2),
('course_offerings', 'unmapped_language', 1),
('course_offerings', 'ambiguous_match', 4),
('course_instructors', 'missing_section', 1),
-- NULL and dangling students, and two rows of each of the three students without a person
('course_enrollments', 'missing_student', 5 + 7 + 3 * 2),
-- NULL and dangling sections, two rows for each student of eleven sections, one for those of the undecided four
('course_enrollments', 'missing_section', 4 + 6 + 11 * 3 * 2 + 4 * 10),
('assessments', 'missing_section', 1),
-- NULL and dangling exams, and the attempts at the exam of a rejected section
('assessment_submissions', 'missing_exam', 3 + 4 + 2),
('assessment_submissions', 'missing_student', 2 + 1),
('assessment_submissions', 'duplicate_legacy_id', 4);
