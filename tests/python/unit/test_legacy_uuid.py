from __future__ import annotations

import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loader.legacy_uuid import ENTITY_CODES, decode_legacy_uuid, legacy_uuid

entities = st.sampled_from(sorted(ENTITY_CODES))
bigints = st.integers(-(2**63), 2**63 - 1)


@given(entities, bigints)
def test_the_legacy_id_can_be_read_back(entity: str, legacy_id: int) -> None:
    assert decode_legacy_uuid(legacy_uuid(entity, legacy_id)) == (entity, legacy_id)


@given(entities, bigints, bigints)
def test_identifiers_ascend_with_the_legacy_id(entity: str, first: int, second: int) -> None:
    assume(first < second)
    assert legacy_uuid(entity, first).bytes < legacy_uuid(entity, second).bytes


@given(entities, bigints)
def test_version_and_variant_are_those_of_rfc_9562(entity: str, legacy_id: int) -> None:
    made = legacy_uuid(entity, legacy_id)
    assert (made.version, made.variant) == (8, uuid.RFC_4122)


@given(st.uuids() | st.uuids(version=4) | st.uuids(version=1))
def test_foreign_identifiers_decode_to_none(identifier: uuid.UUID) -> None:
    assume(not identifier.hex.startswith("ed0"))
    assert decode_legacy_uuid(identifier) is None


@given(entities, bigints, st.integers(0, 127))
def test_one_flipped_bit_is_another_legacy_id_or_foreign(entity: str, legacy_id: int, bit: int) -> None:
    made = legacy_uuid(entity, legacy_id)
    assert decode_legacy_uuid(uuid.UUID(int=made.int ^ (1 << bit))) != (entity, legacy_id)


def test_the_layout_is_fixed_for_ever() -> None:
    assert str(legacy_uuid("course_enrollments", 250126123456789012)) == "ed098378-a062-851a-bfe8-500000000000"
    assert str(legacy_uuid("users", 0)) == "ed018000-0000-8000-8000-000000000000"
    assert str(legacy_uuid("users", -1)) == "ed017fff-ffff-8fff-bfff-fc0000000000"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown entity 'nobody'"):
        legacy_uuid("nobody", 1)
    with pytest.raises(ValueError, match="does not fit a bigint"):
        legacy_uuid("users", 2**63)
