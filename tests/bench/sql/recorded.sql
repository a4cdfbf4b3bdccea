-- What the audit has recorded with its user and session: pages, their views, and changes that know their request.
select
    (
        select count(*)
        from audit_logs
        where action_type = 'page_view' and user_id is not null and session_id is not null
    ) as pages,
    (
        select count(*)
        from page_views
        where user_id is not null and session_id is not null
    ) as views,
    (
        select count(*)
        from audit_logs
        where
            action_type = 'update' and entity_type = 'course_enrollments'
            and user_id is not null and session_id is not null and correlation_id is not null
    ) as changes
