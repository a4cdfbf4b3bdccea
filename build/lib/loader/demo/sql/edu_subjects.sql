-- Makes: subject_catalog and education_plan_subject of edu.
insert into public.subject_catalog (id, subject_name_id, organization_id, active, create_date, create_user_id)
select
    id,
    name_id,
    demo_truth.legacy_id(timestamptz '2010-07-01 06:00+00', 30, organization_no),
    case when is_active then 1 when subject_no % 3 > 0 then 0 end,
    created_at,
    null
from demo_truth.subjects;

insert into public.education_plan_subject (id, subject_id, subject_group_id, code, active, create_date, create_user_id)
select
    plans.id,
    subjects.id,
    110000400 + plans.plan_no % 7,
    plans.code,
    1,
    plans.created_at,
    null
from demo_truth.plans
inner join demo_truth.subjects on subjects.subject_no = plans.subject_no;
