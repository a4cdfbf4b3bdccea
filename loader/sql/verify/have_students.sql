-- Grain: one row per published student, as it stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    -- a row that was there before is the student's by its tracking id, else by login or card
    case
        when walk.is_made then 'tracked'
        when live.metadata ->> 'old_student_id' = walk.legacy_id::text then 'tracked'
        when live.metadata ->> 'old_student_id' is not null then 'tracked as ' || (live.metadata ->> 'old_student_id')
        when
            live.user_id in (logins.live_user_id) or live.student_number = btrim(students.card_number, e' \t\r\n\u00a0')
            then 'tracked'
    end as recognised,
    case when walk.is_made then live.user_id end as user_id,
    case when walk.is_made then live.student_number end as student_number,
    case when walk.is_made then live.enrollment_date end as enrollment_date,
    case when walk.is_made then live.status end as status,
    case when walk.is_made then live.study_mode end as study_mode,
    case when walk.is_made then live.funding_type end as funding_type,
    case when walk.is_made then live.gpa end as gpa,
    case when walk.is_made then live.total_credits_earned end as total_credits_earned,
    case when walk.is_made then live.metadata end as metadata
from walk
inner join public.students as live on walk.live_id = live.id
left join raw_students as students on walk.legacy_id = students.id
left join student_logins as logins on walk.legacy_id = logins.legacy_id
where walk.entity = 'students'
