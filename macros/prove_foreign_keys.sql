{#-
    Inside lms_publish, when the row-wise checks are suspended: locks all parents of the written rows, then sees that none is missing.
        written    relation with the live_id of written rows
        condition  on it, with doubled quotes: it stands inside a text
-#}
{% macro prove_foreign_keys(written, condition) -%}
        if is_fast then
            for foreign_key in
                select
                    constraints.conname,
                    constraints.conrelid::regclass as child,
                    constraints.confrelid::regclass as parent,
                    child_column.attname as child_column,
                    parent_column.attname as parent_column
                from pg_constraint as constraints
                inner join pg_class as child_table on constraints.conrelid = child_table.oid
                inner join pg_attribute as child_column
                    on constraints.conrelid = child_column.attrelid and constraints.conkey[1] = child_column.attnum
                inner join pg_attribute as parent_column
                    on constraints.confrelid = parent_column.attrelid and constraints.confkey[1] = parent_column.attnum
                where constraints.contype = 'f'
                    and constraints.connamespace = 'public'::regnamespace
                    -- a column that the migration leaves empty refers to nothing
                    and child_table.relname || '.' || child_column.attname in (
                        {%- for entity in entities() %}{% set last_entity = loop.last %}
                        {%- for column in entity.columns %}
                        '{{ entity.entity }}.{{ column }}'{{ ',' if not (last_entity and loop.last) }}
                        {%- endfor %}{% endfor %}
                    )
                order by child_table.relname, constraints.conname
            loop
                execute format(
                    'with wanted as materialized (
                        select distinct child.%1$I as id
                        from %2$s as child
                        inner join {{ written }} as written on child.id = written.live_id and written.{{ condition }}
                        where child.%1$I is not null
                    ),
                    locked as materialized (
                        select parent.%3$I as id from %4$s as parent
                        where parent.%3$I in (select id from wanted)
                        for key share
                    )
                    select (select count(*) from wanted) - (select count(*) from locked)',
                    foreign_key.child_column, foreign_key.child, foreign_key.parent_column, foreign_key.parent
                ) into missing;
                if missing > 0 then
                    raise exception '% parents in % are missing for new rows of % (%).',
                        missing, foreign_key.parent, foreign_key.child, foreign_key.conname
                        using hint = 'The application deleted rows during the run. Nothing has been written: start again.';
                end if;
            end loop;
        end if;
{%- endmacro %}
