{#- The UUID of a login by what bears it: a users row, else the account, else the student or teacher. -#}
{% macro legacy_uuid_of_login(prefix='') -%}
    case {{ prefix }}login_entity
        {%- for entity in ['users', 'accounts', 'student_logins', 'staff_logins'] %}
        when '{{ entity }}' then {{ legacy_uuid(entity, prefix ~ 'login_legacy_id') | indent(12) }}
        {%- endfor %}
    end
{%- endmacro %}
