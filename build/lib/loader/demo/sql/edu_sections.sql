-- Makes: course (class sections) of edu: those in scope from the truth, and sections nothing active refers to.
insert into public.course (
    id, code, education_plan_subject_id, semester_id, education_year_id, education_lang_id, education_type_id,
    m_hours, s_hours, l_hours, fm_hours, student_count, start_date, active, create_date, create_user_id, update_date
)
select
    sections.id,
    sections.code,
    plans.id,
    sections.semester_id,
    sections.year_id,
    sections.language_id,
    110000101,
    30,
    case when sections.section_no % 3 = 0 then 0 else 15 end,
    15 * demo_truth.pick(sections.section_no, 231, 3),
    0,
    case demo_truth.pick(sections.section_no, 232, 8) when 0 then null when 1 then 0 else windows.size + 2 end,
    case demo_truth.pick(sections.section_no, 233, 50)
        when 0 then ''
        when 1 then '31/09/2019'
        else to_char(sections.start_date, 'DD/MM/YYYY')
    end,
    case when not sections.is_inactive then 1 when sections.rank % 4 > 0 then 0 end,
    sections.created_at,
    null,
    case when demo_truth.pick(sections.section_no, 234, 4) = 0 then sections.created_at + interval '9 days' end
from demo_truth.sections
inner join demo_truth.windows on windows.section_no = sections.section_no
inner join demo_truth.plans on plans.plan_no = sections.plan_no;

insert into public.course (
    id, code, education_plan_subject_id, semester_id, education_year_id, education_lang_id, education_type_id,
    m_hours, student_count, start_date, active, create_date
)
select
    demo_truth.legacy_id(terms.start_date::timestamp, 7, 8000000000 + n),
    case when n % 9 = 0 then null else terms.year_name || '_' || terms.season_code || '_' || plans.code || '_' || n end,
    case when n % 6 > 0 then plans.id end,
    case when n % 7 > 0 then terms.semester_id end,
    case when n % 8 > 0 then terms.year_id end,
    case when n % 5 > 0 then 110000065 end,
    110000101,
    30,
    0,
    '',
    case when n % 10 > 0 then 0 end,
    terms.start_date::timestamp
from demo.sizes
cross join generate_series(1, sizes.sections_unused) as n
inner join demo_truth.terms on terms.term_no = 1 + n % 20
inner join demo_truth.plans on plans.plan_no = 1 + demo_truth.pick(n, 235, sizes.plan_subjects);
