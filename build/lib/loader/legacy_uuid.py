"""Identifiers of migrated rows: UUIDs of version 8 (RFC 9562) that embed entity and legacy id.

Computed, not drawn: a second run, another environment and the fallback all get the same id, and the legacy id can be read back.
They ascend with the legacy id, so that indexes on them grow at one end. The SQL macro `legacy_uuid` computes the same.

    hex digit    1-2   3-4     5-12         13  14-16        17              18-21       22                 23-32
    content      ed    entity  bits 63..32  8   bits 31..20  8 + bits 19..18 bits 17..2  bits 1..0 shifted  zeros

The bits are those of the legacy id with its sign bit flipped, so that negative ids sort before positive ones.
"""

from __future__ import annotations

import uuid

ENTITY_CODES = {
    "users": 1,
    "persons": 2,
    "students": 3,
    "staff_members": 4,
    "academic_terms": 5,
    "courses": 6,
    "course_offerings": 7,
    "course_instructors": 8,
    "course_enrollments": 9,
    "assessments": 10,
    "assessment_submissions": 11,
    "accounts": 12,
    "student_logins": 13,
    "staff_logins": 14,
}
_ENTITIES = {code: entity for entity, code in ENTITY_CODES.items()}
_SIGN = 1 << 63


def legacy_uuid(entity: str, legacy_id: int) -> uuid.UUID:
    """The identifier of the row that comes from a legacy row.

    Args:
        entity: one of `ENTITY_CODES`.
        legacy_id: a 64-bit signed integer.

    Raises:
        ValueError: unknown entity, or the id does not fit 64 bits.
    """
    code = ENTITY_CODES.get(entity)
    if code is None:
        raise ValueError(f"unknown entity {entity!r}; known are {', '.join(ENTITY_CODES)}")
    if not -_SIGN <= legacy_id < _SIGN:
        raise ValueError(f"{legacy_id} does not fit a bigint")
    bits = legacy_id + _SIGN
    high, middle, variant = bits >> 32, bits >> 20 & 0xFFF, 8 + (bits >> 18 & 0x3)
    low, last = bits >> 2 & 0xFFFF, (bits & 0x3) << 2
    return uuid.UUID(hex=f"ed{code:02x}{high:08x}8{middle:03x}{variant:x}{low:04x}{last:x}0000000000")


def decode_legacy_uuid(identifier: uuid.UUID) -> tuple[str, int] | None:
    """Entity and legacy id of an identifier made by `legacy_uuid`; None for every other UUID."""
    digits = identifier.hex
    entity = _ENTITIES.get(int(digits[2:4], 16))
    if entity is None:
        return None
    bits = int(digits[4:12], 16) << 32 | int(digits[13:16], 16) << 20
    bits |= (int(digits[16], 16) & 0x3) << 18 | int(digits[17:21], 16) << 2 | int(digits[21], 16) >> 2
    legacy_id = bits - _SIGN
    # Made again and compared: every fixed digit is checked at once.
    return (entity, legacy_id) if legacy_uuid(entity, legacy_id) == identifier else None
