{#-
    The UUID (version 8, RFC 9562) of a row that the migration inserts: it embeds the entity and the whole 64-bit legacy id, so it is
    the same in every run and environment, cannot collide, can be decoded, and ascends with the legacy id (index locality).
    Layout: 'ed', entity code | 32 high bits | '8', 12 bits | variant and 2 bits, 16 bits, 2 bits, zeros. The sign bit is flipped
    so that negative ids come first. `loader/legacy_uuid.py` is the same function; a test holds the two together.
-#}
{% macro legacy_uuid(entity, legacy_id) -%}
    (
        'ed{{ "%02x" | format(entity_codes()[entity]) }}'
        -- half of 2^32 added to the high half flips the sign bit
        || lpad(to_hex((({{ legacy_id }} >> 32) + 2147483648) & 4294967295), 8, '0')
        || '8' || lpad(to_hex(({{ legacy_id }} >> 20) & 4095), 3, '0')
        || to_hex(8 + (({{ legacy_id }} >> 18) & 3))
        || lpad(to_hex(({{ legacy_id }} >> 2) & 65535), 4, '0')
        || to_hex(({{ legacy_id }} & 3) << 2)
        || '0000000000'
    )::uuid
{%- endmacro %}

{% macro entity_codes() %}
    {{ return({
        'users': 1, 'persons': 2, 'students': 3, 'staff_members': 4, 'academic_terms': 5, 'courses': 6, 'course_offerings': 7,
        'course_instructors': 8, 'course_enrollments': 9, 'assessments': 10, 'assessment_submissions': 11,
        'accounts': 12, 'student_logins': 13, 'staff_logins': 14,
    }) }}
{% endmacro %}
