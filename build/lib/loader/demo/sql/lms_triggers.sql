-- Makes: the application's triggers: updated_at on every table that has it, and one audit row per changed row.
create function public.set_updated_at() returns trigger
language plpgsql
as $$
begin
    new.updated_at := current_timestamp;
    return new;
end
$$;

create function public.write_audit_log() returns trigger
language plpgsql
as $$
declare
    actor uuid := nullif(current_setting('app.current_user_id', true), '')::uuid;
begin
    insert into public.audit_logs (user_id, action, resource_type, resource_id, old_values, new_values)
    values (
        actor,
        lower(tg_op),
        tg_table_name,
        case tg_op when 'DELETE' then old.id else new.id end::text,
        case when tg_op <> 'INSERT' then to_jsonb(old) - 'password_hash' end,
        case when tg_op <> 'DELETE' then to_jsonb(new) - 'password_hash' end
    );
    return null;
end
$$;

do $$
declare
    target text;
begin
    foreach target in array array[
        'users', 'persons', 'students', 'staff_members', 'organization_units', 'academic_terms', 'courses',
        'course_offerings', 'course_instructors', 'course_enrollments', 'assessments', 'assessment_submissions', 'grades'
    ]
    loop
        execute format(
            'create trigger %I before update on public.%I for each row execute function public.set_updated_at()',
            target || '_set_updated_at', target
        );
    end loop;
    foreach target in array array['users', 'students', 'staff_members', 'course_offerings', 'course_enrollments']
    loop
        execute format(
            'create trigger %I after insert or update or delete on public.%I '
            'for each row execute function public.write_audit_log()',
            target || '_audit', target
        );
    end loop;
end
$$;
