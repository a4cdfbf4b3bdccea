-- Grain: one row per journal row in scope (rules, sections 7 and 11).
with written as (
    select
        point,
        replace(btrim(point, e' \t\r\n\u00a0'), ',', '.') as mark
    from (select distinct point from journal_scope where point is not null) as points
),

-- each way of writing a mark is read once
marks as (
    select
        point,
        case
            when mark ~ '^[0-9]{1,30}([.][0-9]{1,30})?$' then case when mark::numeric <= 100 then mark::numeric::text end
            when mark ~* '^[a-f][+-]?$' then upper(mark)
        end as grade
    from written
),

first_terms as (
    -- a retake is a row of a later term than the student's first one in the subject
    select
        student_id,
        course_code,
        min(term_start) as term_start
    from journal_scope
    where can_migrate
    group by student_id, course_code
),

-- which row of a (section, student) stands for the enrollment only matters while the term runs, or where the others are folded
-- into it
contested as (
    select
        journal.id,
        journal.course_id,
        journal.student_id,
        journal.changed_at,
        have.is_made,
        have.is_folded,
        have.batch_place,
        have.enrollment_status,
        -- edu has touched the row after it was published: who was the latest then cannot be seen any more
        journal.changed_at > have.published_at as is_later
    from journal_scope as journal
    inner join have_course_enrollments as have on journal.id = have.legacy_id
    cross join settings
    where (journal.term_end >= have.own_date or settings.enrollment_grain = 'section')
        -- the same, said of one side: most terms were over before the first batch
        and (
            journal.term_end >= (select min(own_date) from have_course_enrollments)
            or (select enrollment_grain from settings) = 'section'
        )
),

ranked as (
    select
        id,
        row_number() over (
            partition by course_id, student_id
            -- the live row's partner, else the latest of those that were published first
            order by coalesce(not is_made and not is_folded, false) desc, batch_place, changed_at desc nulls last, id desc
        ) = 1 as is_primary,
        -- then it is enough that one of them stands for the enrollment
        bool_or(is_later) over (partition by course_id, student_id)
        and count(*) filter (where enrollment_status = 'enrolled') over (partition by course_id, student_id) = 1 as is_open
    from contested
)

select
    journal.id as legacy_id,
    journal.live_offering_id as course_offering_id,
    journal.live_student_id as student_id,
    case when have.is_folded then primary_row.old_journal_id else journal.id end as old_journal_id,
    case
        when have.is_made then coalesce((journal.create_date at time zone settings.time_zone)::date, journal.term_start)
    end as enrollment_date,
    case
        when have.is_made
            then case
                    when ranked.is_open and have.enrollment_status in ('enrolled', 'completed') then have.enrollment_status
                    when journal.term_end >= have.own_date and ranked.is_primary then 'enrolled'
                    else 'completed'
                end
    end as enrollment_status,
    null::date as status_changed_date,
    case when have.is_made then marks.grade end as grade,
    null::numeric(3, 2) as grade_points,
    null::numeric(5, 2) as attendance_percentage,
    case when have.is_made then journal.term_start > first_terms.term_start end as is_retake,
    null::text as notes
from journal_scope as journal
cross join settings
left join marks on journal.point = marks.point
left join have_course_enrollments as have on journal.id = have.legacy_id
left join ranked on journal.id = ranked.id
left join first_terms on journal.student_id = first_terms.student_id and journal.course_code = first_terms.course_code
-- a folded row stands in the live row of another row of the same section and student
left join (
    select live_id, course_offering_id, student_id, old_journal_id
    from have_course_enrollments
    where not is_folded and live_id in (select live_id from have_course_enrollments where is_folded)
) as primary_row
    on have.is_folded and have.live_id = primary_row.live_id
        and journal.live_offering_id = primary_row.course_offering_id and journal.live_student_id = primary_row.student_id
