-- Makes: demo.demo_answer_key, the true partner of every live row that has one. Tests read it, the migration never.
-- users and persons are named by the lowest users id of the account; an account without users rows has no line there.
create table demo.demo_answer_key (
    entity text not null,
    legacy_id bigint not null,
    live_id uuid not null
);

insert into demo.demo_answer_key
select 'students', id, live_id from demo_truth.students where class = 'live'
union all
select 'staff_members', member_id, live_member_id from demo_truth.logins where role = 'teacher' and class = 'live'
union all
select 'users', first_user_id, live_user_id from demo_truth.logins where is_live and has_users
union all
select 'persons', person_id, live_person_id from demo_truth.logins where is_live
union all
select 'courses', id, demo_truth.live_id('courses', subject_no) from demo_truth.subjects where is_active
union all
select 'course_offerings', id, live_id from demo_truth.sections where is_existing
union all
select 'course_enrollments', journal_id, live_id from demo_truth.enrollments
union all
select 'assessments', id, live_id from demo_truth.exams where class = 'live'
union all
select 'assessment_submissions', id, live_id from demo_truth.attempts where is_live
union all
select 'course_instructors', id, live_id from demo_truth.teaching where is_live;

alter table demo.demo_answer_key add primary key (entity, legacy_id);

-- How many rows of each entity a run over this data must reject, children counted. Empty without --damaged.
create table demo.demo_expected_rejects (
    entity text not null,
    reason text not null,
    n bigint not null,
    primary key (entity, reason)
);
