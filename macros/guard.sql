{#-
    The live-table guard of every dbt command with nodes (build, run, seed, snapshot, test): what the live tables look like is kept in
    ledger.dbt_invocations when it begins and compared when it ends. A difference is an error, so that the command does not exit with 0.
    Rows do not count, only definitions. The hooks stand in dbt_project.yml.
-#}
{% macro guard_start() -%}
    {%- if execute -%}
        {%- set ready = run_query("
            select to_regprocedure('ledger.live_facts()') is not null and to_regclass('ledger.dbt_invocations') is not null
        ").rows[0][0] -%}
        {%- if not ready -%}
            {{ exceptions.raise_compiler_error(
                "This database has no live-table guard (ledger.live_facts(), ledger.dbt_invocations). Run `edu2lms prepare` first."
            ) }}
        {%- endif -%}
        {%- set hidden = run_query("
            select string_agg(quote_ident(class.relname), ', ' order by class.relname)
            from pg_catalog.pg_class as class
            inner join pg_catalog.pg_roles as role on role.rolname = current_user and not role.rolbypassrls and not role.rolsuper
            where class.relnamespace = 'public'::regnamespace and class.relrowsecurity
                and pg_catalog.has_table_privilege(class.oid, 'SELECT')
        ").rows[0][0] -%}
        {%- if hidden -%}
            {{ exceptions.raise_compiler_error(
                "Row-level security hides rows of " ~ hidden ~ " from the role " ~ target.user ~ ", which has no BYPASSRLS: "
                ~ 'nothing was built. Let a superuser run: alter role "' ~ target.user ~ '" bypassrls;'
            ) }}
        {%- endif -%}
        insert into ledger.dbt_invocations (invocation_id, command, facts)
        values ('{{ invocation_id }}', '{{ flags.WHICH }}', array(select ledger.live_facts()));
        commit
    {%- endif -%}
{%- endmacro %}

{% macro guard_end() -%}
    {%- if execute -%}
        {%- set found = run_query("
            with present as materialized (
                select fact from ledger.live_facts() as fact
            ),

            kept as materialized (
                select unnest(facts) as fact from ledger.dbt_invocations where invocation_id = '" ~ invocation_id ~ "'
            ),

            differing as (
                select '- ' as sign, kept.fact from kept where kept.fact not in (select present.fact from present)
                union all
                select '+ ', present.fact from present where present.fact not in (select kept.fact from kept)
            ),

            listed as (
                select array_agg(
                    sign || case when length(line) > 240 then left(line, 240) || ' …' else line end
                    order by split_part(line, ' ', 1), split_part(line, ' ', 2), split_part(line, ' ', 3), sign desc, line
                ) as differences
                from differing
                cross join lateral regexp_replace(fact, '\\s+', ' ', 'g') as line
            )

            update ledger.dbt_invocations as invocation
            set
                ended_at = clock_timestamp(),
                differences = listed.differences,
                facts = case when listed.differences is not null then invocation.facts end
            from listed
            where invocation.invocation_id = '" ~ invocation_id ~ "'
            returning array_to_string(listed.differences, e'\\n')
        ") -%}
        {%- do run_query("commit") -%}
        {%- if found.rows | length == 0 or found.rows[0][0] -%}
            {%- set differences = found.rows[0][0] if found.rows | length else "(what they were is not known: the guard's row has gone)" -%}
            do $guard$
            begin
                raise exception using
                    message = '{{ ("The definitions of live tables changed while dbt was at work:\n" ~ differences) | replace("'", "''") }}',
                    hint = 'Somebody changed the application''s schema, or dbt did with rights that the migration''s role must not have. '
                        'Find out who; put back the lines with - and take away the lines with +, or, if it was meant, start again.';
            end
            $guard$
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
